/** The tree of units: each with what can be done to it, dragged onto another to hang below it. */
import { number } from '../format.js'
import { t } from '../i18n.js'
import { html } from '../ui.js'
import { Badge, Icon } from './basics.js'

/** @typedef {{id: string, code: string, name: string, kind: string, parent_id: string | null, version: number, closed_at: string | null}} Unit
 * @typedef {{memberships: {unit_id: string}[], active: boolean}} User
 * @typedef {{units: Map<string, Unit>, below: Map<string | null, Unit[]>, people: Map<string, number>}} Tree
 * @typedef {{what: 'edit' | 'add' | 'close', unit: Unit} | {what: 'move', unit: Unit, parent: Unit}} Asked */

/** Units below each other, and the active people of each and all below it, everybody once.
 * @param {Unit[]} units @param {User[]} users @returns {Tree} */
export function tree(units, users) {
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
  return { units: byId, below: Map.groupBy(sorted, top), people }
}

/** The open units below which `unit` may hang: all but itself and those below it, as choices.
 * @param {Tree} shown @param {Unit} unit @returns {[string, string][]} */
export function parentsFor(shown, unit) {
  const choices = /** @type {[string, string][]} */ ([])
  const walk = (/** @type {string | null} */ above, /** @type {string} */ indent) => {
    for (const each of shown.below.get(above) ?? []) {
      if (each.id === unit.id || each.closed_at) continue
      choices.push([each.id, `${indent}${each.name}`])
      walk(each.id, `${indent}\u3000`)
    }
  }
  walk(null, '')
  return choices
}

/** @param {{tree: Tree, above: string | null, ask: (asked: Asked) => void}} props */
export function UnitTree({ tree: shown, above, ask }) {
  const units = shown.below.get(above) ?? []
  if (!units.length) return null
  return html`<ul>${units.map((unit) => html`<li key=${unit.id}>
    <${Line} unit=${unit} tree=${shown} ask=${ask} />
    <${UnitTree} tree=${shown} above=${unit.id} ask=${ask} /></li>`)}</ul>`
}

/** The unit that is being dragged. @type {Unit | null} */
let dragged = null

/** What makes a line one that may be dragged and dropped onto; its form moves a unit just as well.
 * @param {Unit} unit @param {Tree} shown @param {(asked: Asked) => void} ask */
function dragging(unit, shown, ask) {
  const takes = () => dragged && dragged.parent_id !== unit.id && parentsFor(shown, dragged).some(([id]) => id === unit.id)
  const mark = (/** @type {DragEvent} */ event, /** @type {boolean} */ on) => /** @type {Element} */ (event.currentTarget).classList.toggle('target', on)
  return {
    draggable: Boolean(unit.parent_id && !unit.closed_at),
    onDragStart: () => { dragged = unit },
    onDragEnd: () => { dragged = null },
    onDragOver: (/** @type {DragEvent} */ event) => {
      if (!takes()) return
      event.preventDefault()
      mark(event, true)
    },
    onDragLeave: (/** @type {DragEvent} */ event) => mark(event, false),
    onDrop: (/** @type {DragEvent} */ event) => {
      event.preventDefault()
      mark(event, false)
      if (dragged && takes()) ask({ what: 'move', unit: dragged, parent: unit })
    },
  }
}

/** @param {{unit: Unit, tree: Tree, ask: (asked: Asked) => void}} props */
function Line({ unit, tree: shown, ask }) {
  const count = shown.people.get(unit.id) ?? 0
  const button = (/** @type {'edit' | 'add' | 'close'} */ what, /** @type {string} */ icon, /** @type {string} */ label) => html`<button type="button"
    class="icon-button" aria-label=${label} title=${label} onClick=${() => ask({ what, unit })}><${Icon} name=${icon} /></button>`
  return html`<div class="tree-line" ...${dragging(unit, shown, ask)}>
    <span class="grow"><strong>${unit.name}</strong> <span class="quiet">${unit.code}</span></span>
    <${Badge} of="unit-kind" value=${unit.kind} />
    ${unit.closed_at
      ? html`<span class="badge">${t('unit.closed')}</span>`
      : html`<a href=${`/users?unit_id=${unit.id}`}>${t('unit.people', { count, shown: number(count) })}</a>
        <span class="actions">
          ${button('edit', 'pencil', t('unit.edit-named', { name: unit.name }))}
          ${button('add', 'plus', t('unit.add-below', { name: unit.name }))}
          ${unit.parent_id && button('close', 'circle-x', t('unit.close-named', { name: unit.name }))}
        </span>`}
  </div>`
}
