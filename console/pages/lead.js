/** One lead: who it is, why it came here, until when what is due, and the verdict. */
import { get, post } from '../api.js'
import { ago, time } from '../format.js'
import { t } from '../i18n.js'
import { useCatalogue } from '../names.js'
import { LogActivity, MakePlan } from '../parts/activity-forms.js'
import { Plans, Timeline } from '../parts/activity-lists.js'
import { Badge, Heading, Icon, Loaded, Name, Reach } from '../parts/basics.js'
import { Dialog } from '../parts/dialog.js'
import { Edit } from '../parts/editing.js'
import { worded } from '../parts/filters.js'
import { Form } from '../parts/form.js'
import { PageFrame } from '../parts/page.js'
import { tell } from '../parts/toasts.js'
import { useResource } from '../resource.js'
import { may } from '../session.js'
import { html, useState } from '../ui.js'
import { leadFields } from './leads.js'

const JUDGED = ['qualified', 'converted', 'invalid', 'duplicate']

/** @param {{id: string}} props */
export function Page({ id }) {
  const path = `/leads/${id}`
  const lead = useResource(() => get(path), [path], { about: ['crm.leads.lead.'] })
  const acts = useResource(() => get('/activities', { lead_id: id, sort: '-started_at', limit: 20 }), [path], { about: ['crm.activity.'] })
  const plans = useResource(() => get('/plans', { lead_id: id, state: 'open', sort: 'due_at' }), [path], { about: ['crm.activity.'] })
  const [open, setOpen] = useState('')
  const close = () => setOpen('')
  const reload = () => Promise.all([lead.reload(), acts.reload(), plans.reload()])
  return html`<${PageFrame} title=${lead.value?.company ?? t('nav.leads')}>
    <${Loaded} of=${lead} heading=${html`<${Heading} title=${t('nav.leads')} back="/leads" />`}>${(/** @type {any} */ found) => html`
      <${Heading} title=${found.company} back="/leads">
        ${may('leads:write') && html`<button type="button" class="button" onClick=${() => setOpen('edit')}><${Icon} name="pencil" />${t('action.edit')}</button>`}
        ${may('plans:write') && html`<button type="button" class="button" onClick=${() => setOpen('plan')}><${Icon} name="calendar-check" />${t('plan.make')}</button>`}
        ${may('activities:write') && html`<button type="button" class="button" onClick=${() => setOpen('log')}><${Icon} name="plus" />${t('activity.log')}</button>`}
        ${may('leads:write') && !JUDGED.includes(found.state) && html`<button type="button" class="button primary" onClick=${() => setOpen('judge')}><${Icon} name="target" />${t('lead.judge')}</button>`}
      <//>
      <div class="grid">
        <${Facts} lead=${found} /><${Duties} lead=${found} />
        <section class="card"><h2>${t('plan.next')}</h2><${Loaded} of=${plans}>${(/** @type {any} */ { items }) => html`<${Plans} own items=${items} done=${reload} />`}<//></section>
        <section class="card"><h2>${t('activity.done')}</h2><${Loaded} of=${acts}>${(/** @type {any} */ { items }) => html`<${Timeline} items=${items} />`}<//></section>
      </div>
      ${open === 'edit' && html`<${Edit} title=${found.company} path=${path} row=${found} fields=${leadFields()} done=${reload} close=${close} />`}
      ${open === 'plan' && html`<${MakePlan} about=${{ lead_id: id }} close=${close} done=${reload} />`}
      ${open === 'log' && html`<${LogActivity} about=${{ lead_id: id }} close=${close} done=${reload} />`}
      ${open === 'judge' && html`<${Judge} lead=${found} done=${reload} close=${close} />`}`}<//>
  <//>`
}

/** @param {{lead: any}} props */
function Facts({ lead }) {
  const source = useCatalogue('/sources').find(({ id }) => id === lead.source_id)
  return html`<section class="card"><h2>${t('deal.facts')}</h2><dl class="facts">
    <dt>${t('field.state')}</dt><dd><${Badge} of="lead-state" value=${lead.state} /></dd>
    <dt>${t('field.contact_name')}</dt><dd>${lead.contact_name ?? '–'}</dd>
    <dt>${t('field.phone')}</dt><dd><${Reach} phone=${lead.phone} /></dd>
    <dt>${t('field.email')}</dt><dd><${Reach} email=${lead.email} /></dd>
    <dt>${t('field.region')}</dt><dd>${lead.region ?? '–'}</dd>
    <dt>${t('field.source_id')}</dt><dd>${source?.name ?? '–'}</dd>
    <dt>${t('field.note')}</dt><dd>${lead.note ?? '–'}</dd>
  </dl></section>`
}

/** @param {{lead: any}} props */
function Duties({ lead }) {
  const due = (/** @type {string} */ at) => (at ? html`<span title=${time(at)}>${ago(at)}</span>` : '–')
  return html`<section class="card"><h2>${t('lead.duties')}</h2><dl class="facts">
    <dt>${t('field.owner_id')}</dt><dd><${Name} id=${lead.owner_id} /></dd>
    <dt>${t('field.unit_id')}</dt><dd><${Name} id=${lead.unit_id} /></dd>
    <dt>${t('field.judge_by')}</dt><dd>${due(lead.due?.judge_by)}</dd>
    <dt>${t('field.plan_by')}</dt><dd>${due(lead.due?.plan_by)}</dd>
    <dt>${t('field.contact_by')}</dt><dd>${due(lead.due?.contact_by)}</dd>
    ${lead.customer_id && html`<dt>${t('field.customer_id')}</dt><dd><a href=${`/customers/${lead.customer_id}`}>${t('deal.open-customer')}</a></dd>`}
    ${lead.opportunity_id && html`<dt>${t('lead.deal')}</dt><dd><a href=${`/opportunities/${lead.opportunity_id}`}>${t('lead.open-deal')}</a></dd>`}
  </dl></section>`
}

/** @param {{lead: any, close: () => void, done: () => void}} props */
function Judge({ lead, close, done }) {
  const [outcome, setOutcome] = useState('opportunity')
  const save = async (/** @type {any} */ given) => {
    const { name, customer_id: customer, reason } = given
    await post(`/leads/${lead.id}/qualification`, {
      outcome,
      ...(reason ? { reason } : {}),
      ...(customer ? { customer_id: customer } : {}),
      ...(outcome === 'opportunity' ? { opportunity: { name } } : {}),
    })
    tell(t('lead.judged'))
    close()
    done()
  }
  /** @type {import('../parts/form.js').Field[]} */
  const fields = outcome === 'opportunity'
    ? [{ name: 'name', required: true, label: t('field.deal-name') }, { name: 'customer_id', kind: 'customer', hint: t('lead.customer-hint') }]
    : [{ name: 'reason', kind: 'long', required: outcome === 'invalid' }]
  return html`<${Dialog} title=${t('lead.judge')} close=${close}>
    <fieldset class="outcomes"><legend class="unseen">${t('lead.outcome')}</legend>
      ${worded('verdict', ['opportunity', 'potential', 'invalid']).map(([value, text]) => html`<label key=${value}><input type="radio" name="outcome" value=${value} checked=${value === outcome} onChange=${() => setOutcome(value)} />${text}</label>`)}</fieldset>
    <${Form} key=${outcome} fields=${fields} values=${{ name: lead.company }} save=${save} submit=${t('lead.judge')} cancel=${close} />
  <//>`
}
