/** Who left and how far what they held has gone to others; it moves as it happens. */
import { time } from '../format.js'
import { t } from '../i18n.js'
import { Badge, Heading, Name } from '../parts/basics.js'
import { KINDS } from '../parts/departure.js'
import { Filters, Pick, worded } from '../parts/filters.js'
import { PageFrame } from '../parts/page.js'
import { ListTable, NothingHere } from '../parts/table.js'
import { useList } from '../resource.js'
import { filter, query } from '../router.js'
import { html } from '../ui.js'

const STATES = ['running', 'done']

/** @typedef {Record<string, {held: number, moved: number}>} Counts */

export function Page() {
  const { state } = query.value
  const list = useList('/handovers', { state }, { about: ['crm.organization.handover.'] })
  return html`<${PageFrame} title=${t('nav.departures')}>
    <${Heading} title=${t('nav.departures')} />
    <${Filters}><${Pick} name="state" label=${t('field.state')} choices=${worded('handover-state', STATES)} /><//>
    <${ListTable} list=${list} caption=${t('nav.departures')} columns=${columns()}
      empty=${html`<${NothingHere} filtered=${Boolean(state)} title=${t('departure.none')} hint=${t('departure.none-hint')} clear=${() => filter({ state: '' })} />`} />
  <//>`
}

/** @returns {import('../parts/table.js').Column[]} */
const columns = () => [
  { key: 'user', label: t('field.person-name'), main: true, show: (row) => html`<${Name} id=${row.user_id} />` },
  { key: 'state', label: t('field.state'), show: (row) => html`<${Badge} of="handover-state" value=${row.state} />` },
  { key: 'progress', label: t('departure.progress'), show: (row) => html`<${Progress} counts=${row.counts} />` },
  { key: 'acting', label: t('departure.acting'), show: (row) => html`<${Name} id=${row.manager_id} />` },
  { key: 'begun', label: t('departure.begun'), show: (row) => time(row.created_at) },
  { key: 'due', label: t('departure.due'), show: (row) => (row.due_at ? time(row.due_at) : '–') },
]

/** @param {{counts: Counts}} props */
function Progress({ counts }) {
  const shown = KINDS.map((kind) => ({ kind, moved: counts[kind].moved, total: counts[kind].moved + counts[kind].held })).filter(({ total }) => total)
  if (!shown.length) return html`<span class="quiet">${t('departure.nothing')}</span>`
  return html`<ul>${shown.map(({ kind, moved, total }) => {
    const said = t('departure.moved', { what: t(`holding.${kind}`), moved, total })
    return html`<li key=${kind}><progress value=${moved} max=${total} aria-label=${said}></progress> ${said}</li>`
  })}</ul>`
}
