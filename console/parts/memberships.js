/** Where somebody works: a unit, a role there, whom he reports to; one of them is his primary one. */
import { t } from '../i18n.js'
import { useCatalogue } from '../names.js'
import { html, useId, useState } from '../ui.js'
import { Icon } from './basics.js'
import { worded } from './filters.js'

/** @typedef {{unit_id: string | null, role: string, manager_id: string | null, primary: boolean}} Membership */

const ROLES = ['sales', 'manager', 'marketing', 'service', 'finance', 'executive', 'auditor', 'admin']
/** @type {Membership} */
const BLANK = { unit_id: null, role: 'sales', manager_id: null, primary: false }

/** The part of a form that edits memberships. @param {{name: string, value?: Membership[]}} props */
export function Memberships({ name, value }) {
  const [rows, setRows] = useState(value ?? [{ ...BLANK, primary: true }])
  const change = (/** @type {number} */ at, /** @type {Partial<Membership>} */ changes) => {
    setRows(rows.map((row, place) => (place === at ? { ...row, ...changes } : changes.primary ? { ...row, primary: false } : row)))
  }
  const remove = (/** @type {number} */ at) => {
    const left = rows.filter((_, place) => place !== at)
    setRows(left.some(({ primary }) => primary) ? left : left.map((row, place) => ({ ...row, primary: place === 0 })))
  }
  return html`<input type="hidden" name=${name} value=${JSON.stringify(rows)} />
    ${rows.map((row, at) => html`<${Place} key=${at} row=${row} change=${(/** @type {Partial<Membership>} */ changes) => change(at, changes)} remove=${rows.length > 1 && (() => remove(at))} />`)}
    <p><button type="button" class="button quiet-button" onClick=${() => setRows([...rows, BLANK])}><${Icon} name="plus" />${t('membership.add')}</button></p>`
}

/** @param {{row: Membership, change: (changes: Partial<Membership>) => void, remove: (() => void) | false}} props */
function Place({ row, change, remove }) {
  const id = useId()
  const units = useCatalogue('/units').map((unit) => [unit.id, unit.name])
  const people = useCatalogue('/users').filter(({ active }) => active).map((user) => [user.id, user.name])
  return html`<div class="membership" role="group" aria-label=${t('field.memberships')}>
    <${Choice} label=${t('field.unit_id')} value=${row.unit_id} choices=${units} none=${t('field.choose')} choose=${(/** @type {string | null} */ chosen) => change({ unit_id: chosen })} />
    <${Choice} label=${t('field.role')} value=${row.role} choices=${worded('role', ROLES)} choose=${(/** @type {string} */ chosen) => change({ role: chosen })} />
    <${Choice} label=${t('field.manager_id')} value=${row.manager_id} choices=${people} none=${t('field.none')} choose=${(/** @type {string | null} */ chosen) => change({ manager_id: chosen })} />
    <div class="field yes"><input id=${id} type="checkbox" checked=${row.primary} disabled=${row.primary} onChange=${() => change({ primary: true })} />
      <label for=${id}>${t('membership.primary')}</label></div>
    ${remove && html`<button type="button" class="button quiet-button" onClick=${remove}><${Icon} name="trash-2" />${t('membership.remove')}</button>`}
  </div>`
}

/** @param {{label: string, value: string | null, choices: [string, string][], none?: string, choose: (chosen: string | null) => void}} props */
function Choice({ label, value, choices, none, choose }) {
  const id = useId()
  const chosen = (/** @type {Event} */ event) => choose(/** @type {HTMLSelectElement} */ (event.target).value || null)
  return html`<div class="field"><label for=${id}>${label}</label><select id=${id} onChange=${chosen}>
    ${none && html`<option value="" selected=${!value}>${none}</option>`}
    ${choices.map(([key, text]) => html`<option key=${key} value=${key} selected=${key === value}>${text}</option>`)}
  </select></div>`
}
