/** One version of a policy: what it says and changes, how far it has come, and what may be done with it. */
import { get, patch, post } from '../api.js'
import { number, time } from '../format.js'
import { t } from '../i18n.js'
import { Acknowledge } from '../parts/acknowledge.js'
import { Badge, Empty, Heading, Loaded, Name } from '../parts/basics.js'
import { Confirm } from '../parts/confirm.js'
import { Dialog } from '../parts/dialog.js'
import { Form } from '../parts/form.js'
import { PageFrame } from '../parts/page.js'
import { fieldsOf, sent, shown, textOf } from '../parts/policy-form.js'
import { fieldName, since, titleOf, written } from '../parts/policy-words.js'
import { Table } from '../parts/table.js'
import { tell } from '../parts/toasts.js'
import { useResource } from '../resource.js'
import { go } from '../router.js'
import { may, session } from '../session.js'
import { html, useState } from '../ui.js'

/** @typedef {import('../parts/policy-words.js').Policy} Policy
 * @typedef {{unit_id: string, service: string, delivered_at: string | null, applied_at: string | null, acknowledged_at: string | null,
 *   acknowledged_by_name: string | null}} Reached
 * @typedef {{policy: Policy, changes: {path: string, before: any, after: any}[], reached: Reached[], waiting: boolean}} Found
 * @typedef {'edit' | 'approve' | 'publish' | 'withdraw' | 'again'} Doing */

/** Every service tells of a version when it has come there, and when it holds there. */
const TOLD = ['organization', 'customer', 'leads', 'activity', 'analytics'].map((service) => `crm.${service}.policy.`)

/** @param {{id: string}} props */
export function Page({ id }) {
  const settled = (/** @type {Found} */ { policy, reached }) => policy.state !== 'published' || reached.every((line) => line.applied_at)
  const found = useResource(() => load(id), [id], { about: TOLD, settled })
  const [doing, setDoing] = useState(/** @type {Doing | null} */ (null))
  const policy = /** @type {Policy | undefined} */ (found.value?.policy)
  const title = policy ? titleOf(policy) : t('field.policy')
  return html`<${PageFrame} title=${title}>
    <${Heading} title=${title} back="/policies">${policy && doings(policy).map(([what, word]) => html`<button type="button" key=${what}
      class=${what === 'publish' ? 'button primary' : 'button'} onClick=${() => setDoing(what)}>${word}</button>`)}
      ${found.value?.waiting && html`<${Acknowledge} policy=${policy} done=${found.reload} />`}<//>
    <${Loaded} of=${found}>${(/** @type {Found} */ shown) => html`<div class="grid"><${Facts} policy=${shown.policy} /><${Text} policy=${shown.policy} /></div>
      <div class="stack"><${Changes} changes=${shown.changes} />${shown.policy.state !== 'draft' && html`<${Board} reached=${shown.reached} />`}</div>`}<//>
    ${doing && policy && html`<${Do} what=${doing} policy=${policy} done=${found.reload} close=${() => setDoing(null)} />`}
  <//>`
}

/** @param {string} id @returns {Promise<Found>} */
async function load(id) {
  const asked = may('policies:acknowledge') ? get('/policies', { to_acknowledge: true, limit: 200 }) : { items: [] }
  const [policy, diff, board, waiting] = await Promise.all([get(`/policies/${id}`), get(`/policies/${id}/diff`), get(`/policies/${id}/reach`), asked])
  return { policy, changes: diff.items, reached: board.items, waiting: waiting.items.some((/** @type {Policy} */ each) => each.id === id) }
}

/** @param {Policy} policy @returns {[Doing, string][]} */
function doings(policy) {
  if (!may('policies:write')) return []
  if (policy.state === 'draft') {
    const mine = policy.author_id === session.me.value?.id
    return [['edit', t('action.edit')], ...(mine || policy.approved_by ? [] : [/** @type {[Doing, string]} */ (['approve', t('policy.approve')])]), ['publish', t('policy.publish')]]
  }
  return [['again', t('policy.again')], ...(policy.state === 'published' ? [/** @type {[Doing, string]} */ (['withdraw', t('policy.withdraw')])] : [])]
}

/** @param {{policy: Policy}} props */
function Facts({ policy }) {
  const lines = [
    [t('field.policy-kind'), t(`policy-kind.${policy.kind}`)],
    [t('field.state'), html`<${Badge} of="policy-state" value=${policy.state} />`],
    [t('field.unit_id'), html`<${Name} id=${policy.unit_id} />`],
    [t('policy.number'), policy.number ?? '–'],
    [t('policy.author'), html`<${Name} id=${policy.author_id} />`],
    [t('policy.approved-by'), html`<${Name} id=${policy.approved_by} />`],
    [t('policy.published-by'), html`<${Name} id=${policy.published_by} />`],
    [t('policy.effective-from'), since(policy)],
    [t('policy.comment'), policy.comment ?? '–'],
  ]
  return html`<section class="card" aria-labelledby="facts"><h2 id="facts">${t('policy.facts')}</h2><dl class="facts">
    ${lines.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></section>`
}

/** @param {{policy: Policy}} props */
function Text({ policy }) {
  const names = [...new Set([...Object.keys(policy.body), ...Object.keys(policy.marks)])]
  return html`<section class="card" aria-labelledby="text"><h2 id="text">${t('policy.text')}</h2><dl class="facts">
    ${names.map((name) => html`<dt>${fieldName(name)}</dt><dd>${name in policy.body ? written(policy.body[name]) : t('policy.as-above')}
      ${policy.marks[name] && policy.marks[name] !== 'free' && html`<br /><span class="quiet">${t(`policy-mark.${policy.marks[name]}`)}</span>`}</dd>`)}</dl></section>`
}

/** @param {{changes: Found['changes']}} props */
function Changes({ changes }) {
  const columns = /** @type {import('../parts/table.js').Column[]} */ ([
    { key: 'path', label: t('field.field'), main: true, show: ({ path }) => fieldName(path) },
    { key: 'before', label: t('policy.before'), show: ({ before }) => written(before) },
    { key: 'after', label: t('policy.after'), show: ({ after }) => written(after) },
  ])
  return html`<section aria-labelledby="changes"><h2 id="changes">${t('policy.changes')}</h2>
    ${changes.length ? html`<${Table} columns=${columns} rows=${changes} caption=${t('policy.changes')} />` : html`<${Empty} icon="check" title=${t('policy.no-changes')} />`}</section>`
}

/** @param {{reached: Reached[]}} props */
function Board({ reached }) {
  const rows = Array.from(Map.groupBy(reached, ({ unit_id: unit }) => unit), ([unit, lines]) => ({ unit, lines, first: lines[0] }))
  const share = (/** @type {Reached[]} */ lines, /** @type {'delivered_at' | 'applied_at'} */ moment) => `${number(lines.filter((line) => line[moment]).length)} / ${number(lines.length)}`
  const columns = /** @type {import('../parts/table.js').Column[]} */ ([
    { key: 'unit', label: t('field.unit_id'), main: true, show: ({ unit }) => html`<${Name} id=${unit} />` },
    { key: 'delivered', label: t('policy.delivered'), show: ({ lines }) => share(lines, 'delivered_at') },
    { key: 'applied', label: t('policy.applied'), show: ({ lines }) => share(lines, 'applied_at') },
    { key: 'acknowledged', label: t('policy.acknowledged'), show: ({ first }) => (first.acknowledged_at ? `${first.acknowledged_by_name} · ${time(first.acknowledged_at)}` : t('policy.not-yet')) },
  ])
  return html`<section aria-labelledby="reach"><h2 id="reach">${t('policy.reach')}</h2><p class="quiet">${t('policy.reach-hint')}</p>
    <${Table} columns=${columns} rows=${rows} caption=${t('policy.reach')} /></section>`
}

/** @param {{what: Doing, policy: Policy, done: () => Promise<any>, close: () => void}} props */
function Do({ what, policy, done, close }) {
  const name = titleOf(policy)
  const act = async (/** @type {string} */ step, /** @type {any} */ body = {}) => {
    await post(`/policies/${policy.id}/${step}`, body)
    tell(t('said.saved'))
    await done()
  }
  if (what === 'edit') return html`<${Rewrite} policy=${policy} done=${done} close=${close} />`
  if (what === 'publish') {
    const publish = async (/** @type {any} */ given) => {
      await act('publication', given.effective_from ? given : {})
      close()
    }
    return html`<${Dialog} title=${t('policy.publish-named', { name })} close=${close}>
      <${Form} fields=${[{ name: 'effective_from', kind: 'moment', label: t('policy.effective-from'), hint: t('policy.effective-hint') }]} save=${publish} submit=${t('policy.publish')} cancel=${close} /><//>`
  }
  if (what === 'again') {
    const copy = async () => go(`/policies/${(await post('/policies', { copy_of: policy.id })).id}`)
    return html`<${Confirm} title=${t('policy.again-named', { name })} hint=${t('policy.again-hint')} action=${t('policy.again')} act=${copy} close=${close} />`
  }
  return what === 'approve'
    ? html`<${Confirm} title=${t('policy.approve-named', { name })} hint=${t('policy.approve-hint')} action=${t('policy.approve')} act=${() => act('approval')} close=${close} />`
    : html`<${Confirm} title=${t('policy.withdraw-named', { name })} hint=${t('policy.withdraw-hint')} action=${t('policy.withdraw')} danger act=${() => act('withdrawal')} close=${close} />`
}

/** @param {{policy: Policy, done: () => Promise<any>, close: () => void}} props */
function Rewrite({ policy, done, close }) {
  const { kind: name, unit_id: unit } = policy
  const found = useResource(() => Promise.all([get('/policies/kinds'), get('/policies/in-force', { kind: name, unit_id: unit })]), [policy.id])
  const save = async (/** @type {any} */ given) => {
    const [kinds, now] = found.value
    const kind = kinds.items.find((/** @type {{kind: string}} */ each) => each.kind === name)
    await sent(() => patch(`/policies/${policy.id}`, { ...textOf(kind, given, now.body), comment: given.comment }, policy.version))
    tell(t('said.saved'))
    close()
    await done()
  }
  return html`<${Dialog} title=${t('policy.draft-of', { kind: t(`policy-kind.${name}`) })} close=${close} wide>
    <${Loaded} of=${found}>${(/** @type {any} */ [kinds, now]) => {
      const kind = kinds.items.find((/** @type {{kind: string}} */ each) => each.kind === name)
      return html`<${Form} fields=${[...fieldsOf(kind), { name: 'comment', kind: 'long', label: t('policy.comment') }]}
        values=${{ ...shown(kind, policy, now.body), comment: policy.comment }} save=${save} submit=${t('action.save')} cancel=${close} />`
    }}<//>
  <//>`
}
