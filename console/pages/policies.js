/** The policy centre: which rules there are, in which version, and a draft of a new one. */
import { get, post } from '../api.js'
import { time } from '../format.js'
import { t } from '../i18n.js'
import { ToAcknowledge } from '../parts/acknowledge.js'
import { Badge, Heading, Icon, Loaded, Name } from '../parts/basics.js'
import { Dialog } from '../parts/dialog.js'
import { Filters, Pick, PickFrom, worded } from '../parts/filters.js'
import { Form } from '../parts/form.js'
import { PageFrame } from '../parts/page.js'
import { fieldsOf, sent, shown, textOf } from '../parts/policy-form.js'
import { since, titleOf } from '../parts/policy-words.js'
import { ListTable, NothingHere } from '../parts/table.js'
import { tell } from '../parts/toasts.js'
import { useList, useResource } from '../resource.js'
import { filter, go, query } from '../router.js'
import { may } from '../session.js'
import { html, useState } from '../ui.js'

/** @typedef {import('../parts/policy-words.js').Policy} Policy
 * @typedef {import('../parts/policy-form.js').Kind} Kind */

const KINDS = ['announcement', 'lead_routing', 'pipeline', 'security']
const STATES = ['draft', 'published', 'withdrawn']

export function Page() {
  const { kind, state, unit_id: unit } = query.value
  const list = useList('/policies', { kind, state, unit_id: unit, sort: '-updated_at' }, { about: ['crm.organization.policy.'] })
  const [drafting, setDrafting] = useState(false)
  return html`<${PageFrame} title=${t('nav.policies')}>
    <${Heading} title=${t('nav.policies')}>
      ${may('policies:write') && html`<button type="button" class="button primary" onClick=${() => setDrafting(true)}><${Icon} name="plus" />${t('policy.draft')}</button>`}
    <//>
    <${ToAcknowledge} />
    <${Filters}>
      <${Pick} name="kind" label=${t('field.policy-kind')} choices=${worded('policy-kind', KINDS)} />
      <${Pick} name="state" label=${t('field.state')} choices=${worded('policy-state', STATES)} />
      <${PickFrom} name="unit_id" label=${t('field.unit_id')} path="/units" />
    <//>
    <${ListTable} list=${list} caption=${t('nav.policies')} columns=${columns()} href=${(/** @type {Policy} */ policy) => `/policies/${policy.id}`}
      empty=${html`<${NothingHere} filtered=${Boolean(kind || state || unit)} title=${t('policy.none')} hint=${t('policy.none-hint')} clear=${() => filter({ kind: '', state: '', unit_id: '' })} />`} />
    ${drafting && html`<${Draft} close=${() => setDrafting(false)} />`}
  <//>`
}

/** @returns {import('../parts/table.js').Column[]} */
const columns = () => [
  { key: 'title', label: t('field.policy'), main: true, show: titleOf },
  { key: 'kind', label: t('field.policy-kind'), show: (policy) => t(`policy-kind.${policy.kind}`) },
  { key: 'unit_id', label: t('field.unit_id'), show: (policy) => html`<${Name} id=${policy.unit_id} />` },
  { key: 'number', label: t('policy.number'), number: true, show: (policy) => policy.number ?? '–' },
  { key: 'state', label: t('field.state'), show: (policy) => html`<${Badge} of="policy-state" value=${policy.state} />` },
  { key: 'since', label: t('policy.effective-from'), show: since },
  { key: 'updated_at', label: t('field.updated_at'), show: (policy) => time(policy.updated_at) },
]

/** First what and for whom, then its text. @param {{close: () => void}} props */
function Draft({ close }) {
  const [asked, setAsked] = useState(/** @type {{kind: string, unit_id: string} | null} */ (null))
  if (asked) return html`<${Write} ...${asked} close=${close} />`
  return html`<${Dialog} title=${t('policy.draft')} close=${close}>
    <${Form} fields=${[
      { name: 'kind', kind: 'choice', required: true, label: t('field.policy-kind'), choices: worded('policy-kind', KINDS) },
      { name: 'unit_id', kind: 'unit', required: true, hint: t('policy.unit-hint') },
    ]} save=${async (/** @type {any} */ given) => given.kind && given.unit_id && setAsked(given)} submit=${t('policy.go-on')} cancel=${close} />
  <//>`
}

/** @param {{kind: string, unit_id: string, close: () => void}} props */
function Write({ kind, unit_id: unit, close }) {
  const found = useResource(() => begun(kind, unit), [kind, unit])
  const save = async (/** @type {any} */ given) => {
    const text = textOf(found.value.kind, given, found.value.held)
    const made = await sent(() => post('/policies', { kind, unit_id: unit, ...text, ...(given.comment ? { comment: given.comment } : {}) }))
    tell(t('said.saved'))
    close()
    go(`/policies/${made.id}`)
  }
  return html`<${Dialog} title=${t('policy.draft-of', { kind: t(`policy-kind.${kind}`) })} close=${close} wide>
    <${Loaded} of=${found}>${(/** @type {any} */ start) => html`<${Form} fields=${[...fieldsOf(start.kind), { name: 'comment', kind: 'long', label: t('policy.comment') }]}
      values=${shown(start.kind, start.text, start.held)} save=${save} submit=${t('action.save')} cancel=${close} />`}<//>
  <//>`
}

/** The kind, what holds in the unit now, and the unit's own present version, on which a new one builds.
 * @param {string} kind @param {string} unit */
async function begun(kind, unit) {
  const [kinds, now] = await Promise.all([get('/policies/kinds'), get('/policies/in-force', { kind, unit_id: unit })])
  const own = now.origins.find((/** @type {{unit_id: string}} */ origin) => origin.unit_id === unit)
  const text = own && kind !== 'announcement' ? await get(`/policies/${own.id}`) : { body: {}, marks: {} }
  const declared = /** @type {Kind} */ (kinds.items.find((/** @type {Kind} */ each) => each.kind === kind))
  return { kind: declared, text, held: kind === 'announcement' ? declared.shipped : now.body }
}

