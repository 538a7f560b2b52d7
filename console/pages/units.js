/** The organisation: its units as the tree they are, and how many people work in each. */
import { number } from '../format.js'
import { t } from '../i18n.js'
import { Badge, Heading, Icon, Loaded } from '../parts/basics.js'
import { Edit, Make } from '../parts/editing.js'
import { worded } from '../parts/filters.js'
import { PageFrame } from '../parts/page.js'
import { all, useResource } from '../resource.js'
import { html, useState } from '../ui.js'

/** @typedef {{id: string, code: string, name: string, kind: string, parent_id: string | null, version: number}} Unit
 * @typedef {{memberships: {unit_id: string}[], active: boolean}} User
 * @typedef {{below: Map<string | null, Unit[]>, people: Map<string, number>}} Tree */

const KINDS = ['headquarters', 'region', 'branch', 'department']
/** What is most often added below a unit of a kind. */
const NEXT = /** @type {Record<string, string>} */ ({ headquarters: 'region', region: 'branch', branch: 'department', department: 'department' })
/** Enough for 20,000 of each. */
const PAGES = 100

export function Page() {
  const load = async () => {
    const [units, users] = await Promise.all(['/units', '/users'].map((path) => all(path, { limit: 200 }, PAGES)))
    return tree(units.items, users.items)
  }
  const found = useResource(load, [], { about: ['crm.organization.'] })
  const [open, setOpen] = useState(/** @type {{what: 'edit' | 'add', unit: Unit} | null} */ (null))
  const close = () => setOpen(null)
  return html`<${PageFrame} title=${t('nav.units')}>
    <${Heading} title=${t('nav.units')} />
    <${Loaded} of=${found}>${(/** @type {Tree} */ shown) => html`<div class="card tree"><${Branches} tree=${shown} above=${null} open=${setOpen} /></div>`}<//>
    ${open?.what === 'edit' && html`<${Edit} title=${t('unit.edit')} path=${`/units/${open.unit.id}`} row=${open.unit} fields=${fields()} done=${found.reload} close=${close} />`}
    ${open?.what === 'add' && html`<${Make} title=${t('unit.add-below', { name: open.unit.name })} path="/units" values=${{ kind: NEXT[open.unit.kind] }}
      fields=${[{ name: 'code', required: true, hint: t('unit.code-hint') }, ...fields()]}
      shape=${(/** @type {any} */ given) => ({ ...given, parent_id: open.unit.id })} done=${found.reload} close=${close} />`}
  <//>`
}

/** @returns {import('../parts/form.js').Field[]} */
const fields = () => [
  { name: 'name', required: true },
  { name: 'kind', kind: 'choice', required: true, label: t('field.unit-kind'), choices: worded('unit-kind', KINDS) },
]

/** @param {{tree: Tree, above: string | null, open: (asked: any) => void}} props */
function Branches({ tree, above, open }) {
  const units = tree.below.get(above) ?? []
  if (!units.length) return null
  return html`<ul>${units.map((unit) => html`<li key=${unit.id}>
    <div class="tree-line">
      <span class="grow"><strong>${unit.name}</strong> <span class="quiet">${unit.code}</span></span>
      <${Badge} of="unit-kind" value=${unit.kind} />
      <a href=${`/users?unit_id=${unit.id}`}>${t('unit.people', { count: tree.people.get(unit.id) ?? 0, shown: number(tree.people.get(unit.id) ?? 0) })}</a>
      <span class="actions">
        <button type="button" class="icon-button" aria-label=${t('unit.edit-named', { name: unit.name })} title=${t('action.edit')} onClick=${() => open({ what: 'edit', unit })}><${Icon} name="pencil" /></button>
        <button type="button" class="icon-button" aria-label=${t('unit.add-below', { name: unit.name })} title=${t('unit.add-below', { name: unit.name })} onClick=${() => open({ what: 'add', unit })}><${Icon} name="plus" /></button>
      </span>
    </div>
    <${Branches} tree=${tree} above=${unit.id} open=${open} /></li>`)}</ul>`
}

/** Units below each other, and the active people of each and all below it, everybody once.
 * @param {Unit[]} units @param {User[]} users @returns {Tree} */
function tree(units, users) {
  const byId = new Map(units.map((unit) => [unit.id, unit]))
  const top = (/** @type {Unit} */ unit) => (unit.parent_id && byId.has(unit.parent_id) ? unit.parent_id : null)
  const sorted = units.toSorted((one, other) => one.code.localeCompare(other.code, undefined, { numeric: true }))
  const people = new Map()
  for (const { memberships } of users.filter(({ active }) => active)) {
    const places = new Set()
    for (const { unit_id: id } of memberships) {
      for (let unit = byId.get(id); unit; unit = byId.get(unit.parent_id ?? '')) places.add(unit.id)
    }
    for (const id of places) people.set(id, (people.get(id) ?? 0) + 1)
  }
  return { below: Map.groupBy(sorted, top), people }
}
