/** What was done, newest first, and what is promised, next first. */
import { ago, time } from '../format.js'
import { t } from '../i18n.js'
import { may } from '../session.js'
import { html, useState } from '../ui.js'
import { KeepPlan } from './activity-forms.js'
import { Badge, Icon, Name } from './basics.js'

/** @param {{items: any[], none?: string}} props */
export function Timeline({ items, none }) {
  if (!items.length) return html`<p class="quiet">${none ?? t('activity.none')}</p>`
  return html`<ol class="timeline">${items.map((act) => html`<li key=${act.id}>
    <${Badge} of="kind" value=${act.kind} /> <time class="quiet" dateTime=${act.started_at} title=${time(act.started_at)}>${ago(act.started_at)}</time>
    <span class="quiet"> · <${Name} id=${act.owner_id} /></span>
    <p>${act.summary}</p>${act.outcome && html`<p class="quiet">${act.outcome}</p>`}</li>`)}</ol>`
}

/** @param {{items: any[], done: () => void, none?: string}} props */
export function Plans({ items, done, none }) {
  const [keeping, setKeeping] = useState(/** @type {any} */ (null))
  if (!items.length) return html`<p class="quiet">${none ?? t('plan.none')}</p>`
  return html`<ul class="lines">${items.map((plan) => html`<li key=${plan.id}>
      <${Badge} of="kind" value=${plan.kind} />
      <span class="grow">${plan.summary}<br /><span class="quiet">${subject(plan)}<${Name} id=${plan.owner_id} /></span></span>
      <span class=${new Date(plan.due_at) < new Date() && !plan.kept_at ? 'error' : 'quiet'}><time dateTime=${plan.due_at} title=${time(plan.due_at)}>${ago(plan.due_at)}</time></span>
      ${!plan.kept_at && may('plans:write') && html`<button type="button" class="icon-button" onClick=${() => setKeeping(plan)} aria-label=${t('plan.keep-this', { what: plan.summary })}><${Icon} name="check" /></button>`}
    </li>`)}</ul>
    ${keeping && html`<${KeepPlan} plan=${keeping} close=${() => setKeeping(null)} done=${done} />`}`
}

/** @param {any} plan */
function subject(plan) {
  const [href, name] = plan.customer_id ? [`/customers/${plan.customer_id}`, plan.customer_name] : plan.lead_id ? [`/leads/${plan.lead_id}`, plan.lead_name] : [`/opportunities/${plan.opportunity_id}`, plan.opportunity_name]
  return name ? html`<a href=${href}>${name}</a> · ` : ''
}
