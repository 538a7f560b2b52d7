/** One customer, all round: who they are, who looks after them, what they buy, what was said and what is next. */
import { get } from '../api.js'
import { day, money, time } from '../format.js'
import { t } from '../i18n.js'
import { useCatalogue } from '../names.js'
import { LogActivity, MakePlan } from '../parts/activity-forms.js'
import { Plans, Timeline } from '../parts/activity-lists.js'
import { Badge, Heading, Icon, Loaded, Missing, Name, Reach } from '../parts/basics.js'
import { dealFields, dealShape } from '../parts/deal-form.js'
import { Edit, Make } from '../parts/editing.js'
import { PageFrame } from '../parts/page.js'
import { useResource } from '../resource.js'
import { go } from '../router.js'
import { may } from '../session.js'
import { html, useState } from '../ui.js'
import { customerFields } from './customers.js'

/** @param {{id: string}} props */
export function Page({ id }) {
  const file = useResource(() => get(`/customers/${id}/overview`), [id], { about: ['crm.customer.', 'crm.leads.opportunity.', 'crm.activity.'] })
  const [open, setOpen] = useState(/** @type {any} */ (''))
  const close = () => setOpen('')
  return html`<${PageFrame} title=${file.value?.customer.name ?? t('nav.customers')}>
    <${Loaded} of=${file} heading=${html`<${Heading} title=${t('nav.customers')} back="/customers" />`}>${(/** @type {any} */ found) => html`
      <${Heading} title=${found.customer.name} back="/customers">
        ${may('customers:write') && html`<button type="button" class="button" onClick=${() => setOpen('edit')}><${Icon} name="pencil" />${t('action.edit')}</button>`}
        ${may('plans:write') && html`<button type="button" class="button" onClick=${() => setOpen('plan')}><${Icon} name="calendar-check" />${t('plan.make')}</button>`}
        ${may('activities:write') && html`<button type="button" class="button primary" onClick=${() => setOpen('log')}><${Icon} name="plus" />${t('activity.log')}</button>`}
      <//>
      <${Missing} services=${found.missing} />
      <div class="grid">
        <${Facts} customer=${found.customer} />
        <${Contacts} contacts=${found.contacts} open=${setOpen} />
        <${Deals} deals=${found.opportunities} open=${setOpen} />
        <section class="card"><h2>${t('plan.next')}</h2>${found.plans && html`<${Plans} own items=${found.plans.items} done=${file.reload} />`}</section>
        <section class="card"><h2>${t('activity.done')}</h2>${found.activities && html`<${Timeline} items=${found.activities.items} />`}</section>
        <${Ownerships} ownerships=${found.ownerships} />
      </div>
      <${Dialogs} id=${id} customer=${found.customer} open=${open} close=${close} reload=${file.reload} />`}<//>
  <//>`
}

/** @param {{id: string, customer: any, open: any, close: () => void, reload: () => Promise<any>}} props */
function Dialogs({ id, customer, open, close, reload }) {
  if (open === 'edit') return html`<${Edit} title=${customer.name} path=${`/customers/${id}`} row=${customer} fields=${[...customerFields(), { name: 'owner_id', kind: 'user', required: true }]} done=${reload} close=${close} />`
  if (open === 'plan') return html`<${MakePlan} about=${{ customer_id: id }} close=${close} done=${reload} />`
  if (open === 'log') return html`<${LogActivity} about=${{ customer_id: id }} close=${close} done=${reload} />`
  if (open === 'contact') return html`<${Make} title=${t('contact.add')} path=${`/customers/${id}/contacts`} fields=${contactFields()} close=${close} done=${reload} />`
  if (open === 'deal') return html`<${Make} title=${t('board.add')} path="/opportunities" fields=${dealFields(id)} close=${close} done=${(/** @type {any} */ made) => go(`/opportunities/${made.id}`)}
    shape=${(/** @type {any} */ given) => ({ ...dealShape(given), customer_id: id })} />`
  if (open) return html`<${Edit} title=${open.name} path=${`/customers/${id}/contacts/${open.id}`} row=${open} fields=${contactFields()} done=${reload} close=${close} />`
  return null
}

/** @returns {import('../parts/form.js').Field[]} */
const contactFields = () => [
  { name: 'name', required: true, label: t('field.contact-name') },
  { name: 'title' },
  { name: 'phone', kind: 'phone' },
  { name: 'email', kind: 'email' },
  { name: 'decision_maker', kind: 'yes' },
]

/** @param {{customer: any}} props */
function Facts({ customer }) {
  const source = useCatalogue('/sources').find(({ id }) => id === customer.source_id)
  return html`<section class="card"><h2>${t('deal.facts')}</h2><dl class="facts">
    <dt>${t('field.lifecycle')}</dt><dd><${Badge} of="lifecycle" value=${customer.lifecycle} /></dd>
    <dt>${t('field.class')}</dt><dd><${Badge} of="class" value=${customer.class} /></dd>
    <dt>${t('field.owner_id')}</dt><dd><${Name} id=${customer.owner_id} /></dd>
    <dt>${t('field.unit_id')}</dt><dd><${Name} id=${customer.unit_id} /></dd>
    <dt>${t('field.source_id')}</dt><dd>${source?.name ?? '–'}</dd>
    <dt>${t('field.industry')}</dt><dd>${customer.industry ?? '–'}</dd>
    <dt>${t('field.region')}</dt><dd>${customer.region ?? '–'}</dd>
    <dt>${t('field.credit_code')}</dt><dd>${customer.credit_code ?? '–'}</dd>
  </dl></section>`
}

/** @param {{contacts: any, open: (what: any) => void}} props */
function Contacts({ contacts, open }) {
  return html`<section class="card"><h2>${t('contact.title')}${may('customers:write') && html`<button type="button" class="icon-button" onClick=${() => open('contact')} aria-label=${t('contact.add')}><${Icon} name="user-plus" /></button>`}</h2>
    ${contacts && (contacts.items.length
      ? html`<ul class="lines">${contacts.items.map((/** @type {any} */ contact) => html`<li key=${contact.id}>
          <span class="grow"><strong>${contact.name}</strong> ${contact.decision_maker && html`<span class="badge" data-value="key"><${Icon} name="star" /> ${t('field.decision_maker')}</span>`}<br />
            <span class="quiet">${contact.title && `${contact.title} · `}<${Reach} ...${contact} /></span></span>
          ${may('customers:write') && html`<button type="button" class="icon-button" onClick=${() => open(contact)} aria-label=${t('contact.edit', { name: contact.name })}><${Icon} name="pencil" /></button>`}</li>`)}</ul>`
      : html`<p class="quiet">${t('contact.none')}</p>`)}
  </section>`
}

/** @param {{deals: any, open: (what: any) => void}} props */
function Deals({ deals, open }) {
  return html`<section class="card"><h2>${t('nav.opportunities')}${may('opportunities:write') && html`<button type="button" class="icon-button" onClick=${() => open('deal')} aria-label=${t('board.add')}><${Icon} name="plus" /></button>`}</h2>
    ${deals && (deals.items.length
      ? html`<ul class="lines">${deals.items.map((/** @type {any} */ deal) => html`<li key=${deal.id}>
          <span class="grow"><a href=${`/opportunities/${deal.id}`}>${deal.name}</a><br /><span class="quiet">${money(deal.amount)} · ${day(deal.closed_on ?? deal.expected_close_on)}</span></span>
          <${Badge} of="stage" value=${deal.stage} /></li>`)}</ul>`
      : html`<p class="quiet">${t('customer.no-deals')}</p>`)}
  </section>`
}

/** @param {{ownerships: any}} props */
function Ownerships({ ownerships }) {
  return html`<section class="card"><h2>${t('customer.ownerships')}</h2>${ownerships && html`<ol class="timeline">
    ${[...ownerships.items].reverse().map((held) => html`<li key=${held.id}><strong><${Name} id=${held.owner_id} /></strong> <span class="quiet"><${Name} id=${held.unit_id} /></span>
      ${held.cause === 'handover' && html` <span class="badge">${t('customer.handed-over')}</span>`}<br />
      <span class="quiet">${time(held.opened_at)} – ${held.closed_at ? time(held.closed_at) : t('customer.until-now')}</span></li>`)}</ol>`}</section>`
}
