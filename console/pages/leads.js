/** Leads: captured in seconds, found by what is left to do. */
import { ago, time } from '../format.js'
import { t } from '../i18n.js'
import { useCatalogue } from '../names.js'
import { Badge, Heading, Icon, Name } from '../parts/basics.js'
import { Make } from '../parts/editing.js'
import { Filters, Pick, PickFrom, Search, worded } from '../parts/filters.js'
import { PageFrame } from '../parts/page.js'
import { tell } from '../parts/toasts.js'
import { ListTable, NothingHere } from '../parts/table.js'
import { useList } from '../resource.js'
import { filter, query } from '../router.js'
import { may, seesOthers, session } from '../session.js'
import { html, useState } from '../ui.js'

const STATES = ['new', 'assigned', 'unassigned', 'working', 'qualified', 'nurturing', 'converted', 'invalid', 'duplicate']
const NO_FILTERS = { q: '', state: '', source_id: '', owner_id: '', unit_id: '', overdue: '' }

export function Page() {
  const { q, state, source_id: source, owner_id: owner, unit_id: unit, overdue } = query.value
  const [capturing, setCapturing] = useState(false)
  const sources = useCatalogue('/sources')
  const several = seesOthers()
  const asked = { q, state, source_id: source, owner_id: owner, unit_id: unit, overdue }
  const list = useList('/leads', { ...asked, sort: '-created_at' }, { about: ['crm.leads.lead.'] })
  const sourceName = (/** @type {string} */ id) => sources.find((found) => found.id === id)?.name ?? '–'
  const captured = (/** @type {any} */ lead) => {
    if (lead.owner_id !== session.me.value?.id) tell(t(`lead.went-${lead.state}`))
    return list.reload()
  }
  return html`<${PageFrame} title=${t('nav.leads')}>
    <${Heading} title=${t('nav.leads')}>
      ${may('leads:write') && html`<button type="button" class="button primary" onClick=${() => setCapturing(true)}><${Icon} name="plus" />${t('lead.capture')}</button>`}
    <//>
    <${Filters}>
      <${Search} placeholder=${t('lead.search')} />
      <${Pick} name="state" label=${t('field.state')} choices=${worded('lead-state', STATES)} />
      <${PickFrom} name="source_id" label=${t('field.source_id')} path="/sources" />
      ${several && html`<${PickFrom} name="owner_id" label=${t('field.owner_id')} path="/users" /><${PickFrom} name="unit_id" label=${t('field.unit_id')} path="/units" />`}
      <${Pick} name="overdue" label=${t('lead.overdue')} choices=${[['true', t('lead.overdue')]]} all=${t('lead.any-due')} />
    <//>
    <${ListTable} list=${list} caption=${t('nav.leads')} href=${(/** @type {any} */ lead) => `/leads/${lead.id}`} columns=${columns(sourceName, list.items)}
      empty=${html`<${NothingHere} filtered=${Object.values(asked).some(Boolean)} title=${t('lead.none')} hint=${t('lead.none-hint')} clear=${() => filter(NO_FILTERS)} />`} />
    ${capturing && html`<${Make} title=${t('lead.capture')} path="/leads" fields=${captureFields()} values=${{ mine: session.me.value?.roles.includes('sales') }} shape=${shape} close=${() => setCapturing(false)} done=${captured} />`}
  <//>`
}

/** The column of deadlines is there when a lead has one. @param {(id: string) => string} sourceName @param {any[]} leads
 * @returns {import('../parts/table.js').Column[]} */
const columns = (sourceName, leads) => [
  { key: 'company', label: t('field.company'), main: true, show: (lead) => lead.company },
  { key: 'contact', label: t('field.contact_name'), show: (lead) => lead.contact_name ?? '–' },
  { key: 'state', label: t('field.state'), show: (lead) => html`<${Badge} of="lead-state" value=${lead.state} />` },
  { key: 'source', label: t('field.source_id'), show: (lead) => sourceName(lead.source_id) },
  { key: 'owner', label: t('field.owner_id'), show: (lead) => html`<${Name} id=${lead.owner_id} />` },
  ...(leads.some(waits) ? [{ key: 'due', label: t('field.plan_by'), show: due }] : []),
  { key: 'created', label: t('field.created_at'), show: (lead) => html`<time dateTime=${lead.created_at} title=${time(lead.created_at)}>${ago(lead.created_at)}</time>` },
]

/** Whether a plan for it is still owed. @param {any} lead */
const waits = (lead) => Boolean(lead.due?.plan_by && !lead.planned_at)

/** @param {any} lead */
function due(lead) {
  if (!waits(lead)) return '–'
  const { plan_by: at } = lead.due
  return html`<time class=${new Date(at) < new Date() ? 'error' : ''} dateTime=${at} title=${time(at)}>${ago(at)}</time>`
}

/** @returns {import('../parts/form.js').Field[]} */
export const leadFields = () => [
  { name: 'company', required: true },
  { name: 'contact_name' },
  { name: 'phone', kind: 'phone' },
  { name: 'email', kind: 'email' },
  { name: 'region' },
  { name: 'note', kind: 'long' },
]

/** @returns {import('../parts/form.js').Field[]} */
const captureFields = () => [...leadFields().slice(0, 4), { name: 'source_id', kind: 'source', required: true }, { name: 'product_id', kind: 'product' }, ...leadFields().slice(4), { name: 'mine', kind: 'yes', label: t('lead.mine'), hint: t('lead.mine-hint') }]

/** @param {any} given */
const shape = ({ product_id: product, mine, ...rest }) => ({
  ...rest,
  ...(product ? { product_ids: [product] } : {}),
  ...(mine ? { owner_id: session.me.value?.id } : {}),
})
