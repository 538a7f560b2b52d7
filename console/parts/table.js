/** Lists: a table that becomes cards on a phone, with a next page at its end. */
import { t } from '../i18n.js'
import { go } from '../router.js'
import { html, useState } from '../ui.js'
import { Empty, Failure, Icon, Loading, Stale } from './basics.js'

/** @typedef {{key: string, label: string, show: (row: any) => any, number?: boolean, main?: boolean}} Column */

/** @param {{columns: Column[], rows: any[], caption: string, href?: (row: any) => string}} props */
export function Table({ columns, rows, caption, href }) {
  const open = (/** @type {MouseEvent} */ event, /** @type {any} */ row) => {
    if (href && !(/** @type {Element} */ (event.target).closest('a, button, select, input'))) go(href(row))
  }
  return html`<div class="table-frame"><table class="table"><caption class="unseen">${caption}</caption>
    <thead><tr>${columns.map((column) => html`<th key=${column.key} scope="col" class=${column.number ? 'number' : ''}>${column.label}</th>`)}</tr></thead>
    <tbody>${rows.map((row, at) => html`<tr key=${row.id ?? at} class=${href ? 'opens' : ''} onClick=${(/** @type {MouseEvent} */ event) => open(event, row)}>
      ${columns.map((column) => cell(column, row, href))}</tr>`)}</tbody>
  </table></div>`
}

/** @param {Column} column @param {any} row @param {((row: any) => string) | undefined} href */
function cell(column, row, href) {
  const shown = column.show(row)
  if (column.main) return html`<th scope="row" key=${column.key}>${href ? html`<a href=${href(row)}>${shown}</a>` : shown}</th>`
  return html`<td key=${column.key} data-label=${column.label} data-none=${shown === '–' ? 'yes' : undefined} class=${column.number ? 'number' : ''}>${shown}</td>`
}

/** A list of the API as a table, in each of its states.
 * @param {{list: any, columns: Column[], caption: string, href?: (row: any) => string, empty: any}} props */
export function ListTable({ list, columns, caption, href, empty }) {
  const [busy, setBusy] = useState(false)
  if (list.error && !list.value) return html`<${Failure} error=${list.error} retry=${list.reload} />`
  const shown = list.value ?? list.before
  if (!shown) return html`<${Loading} />`
  if (!shown.items.length) return empty
  const more = async () => {
    setBusy(true)
    await list.more()
    setBusy(false)
  }
  return html`<div class=${list.loading ? 'ageing' : ''}>
    ${list.error && html`<${Stale} error=${list.error} retry=${list.reload} />`}
    <${Table} columns=${columns} rows=${shown.items} caption=${caption} href=${href} />
    ${list.more && html`<p class="centre"><button type="button" class="button" onClick=${more} aria-disabled=${busy}>${busy ? t('state.loading') : t('action.more')}</button></p>`}
  </div>`
}

/** @param {{filtered: boolean, title: string, hint: string, clear: () => void, children?: any}} props */
export function NothingHere({ filtered, title, hint, clear, children }) {
  if (!filtered) return html`<${Empty} title=${title} hint=${hint}>${children}<//>`
  return html`<${Empty} icon="list-filter" title=${t('state.no-match')} hint=${t('state.no-match-hint')}>
    <button type="button" class="button" onClick=${clear}><${Icon} name="x" />${t('action.clear-filters')}</button><//>`
}
