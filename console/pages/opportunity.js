/** One deal: what it is, where it stands, how it came there, and what is next. */
import { get, post } from '../api.js'
import { day, money, number, time } from '../format.js'
import { t } from '../i18n.js'
import { LogActivity, MakePlan } from '../parts/activity-forms.js'
import { Plans, Timeline } from '../parts/activity-lists.js'
import { Badge, Heading, Icon, Loaded, Name } from '../parts/basics.js'
import { CloseDeal } from '../parts/closing.js'
import { Edit } from '../parts/editing.js'
import { PageFrame } from '../parts/page.js'
import { Table } from '../parts/table.js'
import { complain } from '../parts/toasts.js'
import { useCatalogue } from '../names.js'
import { useResource } from '../resource.js'
import { may } from '../session.js'
import { html, useState } from '../ui.js'
import { STAGES } from './opportunities.js'

/** @param {{id: string}} props */
export function Page({ id }) {
  const path = `/opportunities/${id}`
  const deal = useResource(() => get(path), [path], { about: ['crm.leads.opportunity.'] })
  const history = useResource(() => get(`${path}/history`), [path], { about: ['crm.leads.opportunity.'] })
  const acts = useResource(() => get('/activities', { opportunity_id: id, limit: 20, sort: '-started_at' }), [path], { about: ['crm.activity.'] })
  const [open, setOpen] = useState('')
  const plans = useResource(() => get('/plans', { opportunity_id: id, state: 'open', sort: 'due_at' }), [path], { about: ['crm.activity.'] })
  const close = () => setOpen('')
  const reload = () => Promise.all([deal.reload(), history.reload(), acts.reload(), plans.reload()])
  const about = { opportunity_id: id, ...(deal.value?.customer_id ? { customer_id: deal.value.customer_id } : {}) }
  return html`<${PageFrame} title=${deal.value?.name ?? t('nav.opportunities')}>
    <${Loaded} of=${deal} heading=${html`<${Heading} title=${t('nav.opportunities')} back="/opportunities" />`}>${(/** @type {any} */ found) => html`
      <${Heading} title=${found.name} back="/opportunities">
        ${may('opportunities:write') && html`<button type="button" class="button" onClick=${() => setOpen('edit')}><${Icon} name="pencil" />${t('action.edit')}</button>`}
        ${may('plans:write') && html`<button type="button" class="button" onClick=${() => setOpen('plan')}><${Icon} name="calendar-check" />${t('plan.make')}</button>`}
        ${may('activities:write') && html`<button type="button" class="button" onClick=${() => setOpen('log')}><${Icon} name="plus" />${t('activity.log')}</button>`}
        ${may('opportunities:write') && !found.outcome && html`<button type="button" class="button primary" onClick=${() => setOpen('won')}><${Icon} name="trophy" />${t('closing.win')}</button>
          <button type="button" class="button danger" onClick=${() => setOpen('lost')}><${Icon} name="circle-x" />${t('closing.lose')}</button>`}
      <//>
      <${StagePath} deal=${found} reload=${reload} />
      <div class="grid">
        <${Facts} deal=${found} />
        <section class="card"><h2>${t('deal.history')}</h2><${Loaded} of=${history}>${(/** @type {any} */ { items }) => html`<${History} entries=${items} />`}<//></section>
        <section class="card"><h2>${t('plan.next')}</h2><${Loaded} of=${plans}>${(/** @type {any} */ { items }) => html`<${Plans} own items=${items} done=${reload} />`}<//></section>
        <${Lines} deal=${found} />
        <section class="card"><h2>${t('activity.done')}</h2><${Loaded} of=${acts}>${(/** @type {any} */ { items }) => html`<${Timeline} items=${items} />`}<//></section>
      </div>
      ${open === 'edit' && html`<${Edit} title=${found.name} path=${path} row=${found} fields=${FIELDS()} done=${reload} close=${close} />`}
      ${open === 'plan' && html`<${MakePlan} about=${about} close=${close} done=${reload} />`}
      ${open === 'log' && html`<${LogActivity} about=${about} close=${close} done=${reload} />`}
      ${(open === 'won' || open === 'lost') && html`<${CloseDeal} deal=${found} outcome=${open} close=${close} done=${reload} />`}`}
    <//><//>`
}

/** @returns {import('../parts/form.js').Field[]} */
const FIELDS = () => [
  { name: 'name', required: true, label: t('field.deal-name') },
  { name: 'amount', kind: 'money' },
  { name: 'expected_close_on', kind: 'day' },
  { name: 'owner_id', kind: 'user', required: true },
]

/** @param {{deal: any, reload: () => Promise<any>}} props */
function StagePath({ deal, reload }) {
  const move = (/** @type {string} */ stage) => post(`/opportunities/${deal.id}/stage`, { stage }).then(reload, complain)
  if (deal.outcome || !may('opportunities:write')) return html`<p class="path"><${Badge} of="stage" value=${deal.stage} /></p>`
  return html`<div class="path" role="group" aria-label=${t('field.stage')}>${STAGES.map((stage) => html`<button type="button" key=${stage} class="button"
    aria-pressed=${stage === deal.stage} onClick=${() => stage !== deal.stage && move(stage)}>${t(`stage.${stage}`)}</button>`)}</div>`
}

/** @param {{deal: any}} props */
function Facts({ deal }) {
  return html`<section class="card"><h2>${t('deal.facts')}</h2><dl class="facts">
    <dt>${t('field.customer_id')}</dt><dd>${deal.customer_id ? html`<a href=${`/customers/${deal.customer_id}`}>${deal.customer_name ?? t('deal.open-customer')}</a>` : '–'}</dd>
    <dt>${t('field.amount')}</dt><dd><strong>${money(deal.amount)}</strong></dd>
    <dt>${t('field.owner_id')}</dt><dd><${Name} id=${deal.owner_id} /></dd>
    <dt>${t('field.unit_id')}</dt><dd><${Name} id=${deal.unit_id} /></dd>
    <dt>${t('field.opened_on')}</dt><dd>${day(deal.opened_on)}</dd>
    <dt>${t('field.expected_close_on')}</dt><dd>${day(deal.expected_close_on)}</dd>
    ${deal.closed_on && html`<dt>${t('field.closed_on')}</dt><dd>${day(deal.closed_on)}</dd>`}
    ${deal.factors?.length > 0 && html`<dt>${t('deal.factors')}</dt><dd>${deal.factors.map((/** @type {any} */ factor) => t(`factor.${factor.code}`)).join(' · ')}</dd>`}
    ${deal.lead_id && html`<dt>${t('deal.lead')}</dt><dd><a href=${`/leads/${deal.lead_id}`}>${t('deal.open-lead')}</a></dd>`}
  </dl></section>`
}

/** @param {{entries: any[]}} props */
function History({ entries }) {
  return html`<ol class="timeline">${[...entries].reverse().map((entry, at) => html`<li key=${at}>
    <${Badge} of="stage" value=${entry.stage} /> <span class="quiet">${time(entry.entered_at)}</span><br />
    <span class="quiet"><${Name} id=${entry.owner_id} /></span>${entry.reason && html`<p>${entry.reason}</p>`}</li>`)}</ol>`
}

/** @param {{deal: any}} props */
function Lines({ deal }) {
  const products = useCatalogue('/products')
  const named = (/** @type {string} */ id) => products.find((product) => product.id === id)?.name ?? '…'
  return html`<section class="card"><h2>${t('deal.lines')}</h2>${deal.lines.length
    ? html`<${Table} caption=${t('deal.lines')} rows=${deal.lines} columns=${[
      { key: 'product', label: t('field.product_id'), main: true, show: (/** @type {any} */ line) => named(line.product_id) },
      { key: 'quantity', label: t('field.quantity'), number: true, show: (/** @type {any} */ line) => number(Number(line.quantity)) },
      { key: 'price', label: t('field.price'), number: true, show: (/** @type {any} */ line) => money(line.price) },
    ]} />`
    : html`<p class="quiet">${t('deal.no-lines')}</p>`}</section>`
}
