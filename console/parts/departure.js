/** Somebody leaves: what he holds, to whom each kind of it goes, and until when. */
import { post } from '../api.js'
import { number } from '../format.js'
import { t } from '../i18n.js'
import { nameOf, useCatalogue } from '../names.js'
import { useResource } from '../resource.js'
import { html } from '../ui.js'
import { Loaded } from './basics.js'
import { Dialog } from './dialog.js'
import { Form } from './form.js'
import { tell } from './toasts.js'

/** @typedef {import('./form.js').Field} Field
 * @typedef {{manager_id: string, counts: Record<string, {held: number, moved: number}>}} Preview */

export const KINDS = ['customers', 'leads', 'opportunities', 'plans']
const MANAGER = 'manager'
const POOL = 'pool'

/** @param {{user: {id: string, name: string}, done: () => Promise<any>, close: () => void}} props */
export function Departure({ user, done, close }) {
  const path = `/users/${user.id}/departure`
  const preview = useResource(() => post(path, { to: MANAGER, preview: true }), [path])
  const people = useCatalogue('/users').filter(({ id, active }) => active && id !== user.id)
  const save = async (/** @type {any} */ given) => {
    await post(path, asked(given))
    tell(t('departure.started'))
    close()
    await done()
  }
  return html`<${Dialog} title=${t('departure.of', { name: user.name })} close=${close}>
    <${Loaded} of=${preview}>${(/** @type {Preview} */ found) => html`
      <p>${t('departure.hint', { manager: nameOf(found.manager_id) })}</p>
      <${Form} key=${people.length} fields=${fieldsOf(found, people)} values=${Object.fromEntries(KINDS.map((kind) => [kind, MANAGER]))}
        save=${save} submit=${t('departure.start')} cancel=${close} />`}<//>
  <//>`
}

/** @param {Preview} preview @param {{id: string, name: string}[]} people @returns {Field[]} */
function fieldsOf({ manager_id: manager, counts }, people) {
  /** @type {[string, string][]} */
  const heirs = people.filter(({ id }) => id !== manager).map(({ id, name }) => [id, name])
  /** @type {[string, string]} */
  const above = [MANAGER, t('departure.to-manager', { name: nameOf(manager) })]
  const kinds = KINDS.map((kind) => /** @type {Field} */ ({
    name: kind,
    kind: 'choice',
    required: true,
    label: t('departure.kind', { what: t(`holding.${kind}`), held: number(counts[kind].held) }),
    choices: kind === 'leads' ? [above, [POOL, t('departure.to-pool')], ...heirs] : [above, ...heirs],
  }))
  return [...kinds, { name: 'due_at', kind: 'moment', label: t('departure.due'), hint: t('departure.due-hint') }]
}

/** What is asked for, in the shape the API takes: one way for everything where there is one. @param {any} given */
function asked(given) {
  const ways = KINDS.map((kind) => way(given[kind]))
  const due = given.due_at ? { due_at: given.due_at } : {}
  const alike = ways.every((each) => JSON.stringify(each) === JSON.stringify(ways[0]))
  return alike ? { ...ways[0], ...due } : { to: MANAGER, rules: KINDS.map((kind, at) => ({ kind, ...ways[at] })), ...due }
}

/** @param {string} chosen */
const way = (chosen) => (chosen === MANAGER || chosen === POOL ? { to: chosen } : { to: 'heir', heir_id: chosen })
