/** The organisation: its units as the tree they are, and how many people work in each. */
import { patch, post } from '../api.js'
import { t } from '../i18n.js'
import { Heading, Loaded } from '../parts/basics.js'
import { Confirm } from '../parts/confirm.js'
import { Edit, Make } from '../parts/editing.js'
import { worded } from '../parts/filters.js'
import { PageFrame } from '../parts/page.js'
import { tell } from '../parts/toasts.js'
import { parentsFor, tree, UnitTree } from '../parts/unit-tree.js'
import { all, useResource } from '../resource.js'
import { html, useState } from '../ui.js'

/** @typedef {import('../parts/unit-tree.js').Tree} Tree
 * @typedef {import('../parts/unit-tree.js').Unit} Unit
 * @typedef {import('../parts/unit-tree.js').Asked} Asked */

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
  const [asked, setAsked] = useState(/** @type {Asked | null} */ (null))
  return html`<${PageFrame} title=${t('nav.units')}>
    <${Heading} title=${t('nav.units')} />
    <${Loaded} of=${found}>${(/** @type {Tree} */ shown) => html`<div class="card tree"><${UnitTree} tree=${shown} above=${null} ask=${setAsked} /></div>
      ${asked && html`<${Answer} asked=${asked} tree=${shown} done=${found.reload} close=${() => setAsked(null)} />`}`}<//>
  <//>`
}

/** @param {{asked: Asked, tree: Tree, done: () => void, close: () => void}} props */
function Answer({ asked, tree: shown, done, close }) {
  const { unit } = asked
  if (asked.what === 'edit') {
    const parent = unit.parent_id ? [{ name: 'parent_id', kind: 'choice', required: true, choices: parentsFor(shown, unit), hint: t('unit.move-hint') }] : []
    return html`<${Edit} title=${t('unit.edit')} path=${`/units/${unit.id}`} row=${unit} fields=${[...fields(), ...parent]} done=${done} close=${close} />`
  }
  if (asked.what === 'add') {
    return html`<${Make} title=${t('unit.add-below', { name: unit.name })} path="/units" values=${{ kind: NEXT[unit.kind] }}
      fields=${[{ name: 'code', required: true, hint: t('unit.code-hint') }, ...fields()]}
      shape=${(/** @type {any} */ given) => ({ ...given, parent_id: unit.id })} done=${done} close=${close} />`
  }
  const act = async () => {
    if (asked.what === 'move') await patch(`/units/${unit.id}`, { parent_id: asked.parent.id }, unit.version)
    else await post(`/units/${unit.id}/closure`, {})
    tell(t(asked.what === 'move' ? 'said.moved' : 'said.closed'))
    done()
  }
  const words = asked.what === 'move'
    ? { title: t('unit.move'), hint: t('unit.move-ask', { name: unit.name, parent: asked.parent.name }), action: t('unit.move') }
    : { title: t('unit.close'), hint: t('unit.close-hint', { name: unit.name }), action: t('unit.close'), danger: true }
  return html`<${Confirm} ...${words} act=${act} close=${close} />`
}

/** @returns {import('../parts/form.js').Field[]} */
const fields = () => [
  { name: 'name', required: true },
  { name: 'kind', kind: 'choice', required: true, label: t('field.unit-kind'), choices: worded('unit-kind', KINDS) },
]
