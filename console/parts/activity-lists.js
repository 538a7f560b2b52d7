/** What was done, newest first, and what is promised, next first. */
import { ago, time } from '../format.js'
import { t } from '../i18n.js'
import { may } from '../session.js'
import { html, useState } from '../ui.js'
import { KeepPlan } from './activity-forms.js'
import { Badge, Icon, Name } from './basics.js'

const FIRST = 8
const SUBJECTS = [['customer', 'customers'], ['lead', 'leads'], ['opportunity', 'opportunities']]

/** @param {{items: any[], none?: string}} props */
export function Timeline({ items, none }) {
  if (!items.length) return html`<p class="quiet">${none ?? t('activity.none')}</p>`
  return html`<ol class="timeline">${items.map((act) => html`<li key=${act.id}>
    <${Badge} of="kind" value=${act.kind} /> <time class="quiet" dateTime=${act.started_at} title=${time(act.started_at)}>${ago(act.started_at)}</time>
    <span class="quiet"> · <${Name} id=${act.owner_id} /></span>
    <p>${act.summary}</p>${act.outcome && html`<p class="quiet">${act.outcome}</p>`}</li>`)}</ol>`
}

/** The first few, the others on demand; `own`: on the page of what they are about, which need not be said again.
 * @param {{items: any[], done: () => void, none?: string, more?: (() => void) | null, own?: boolean}} props */
export function Plans({ items, done, none, more, own }) {
  const [all, setAll] = useState(false)
  const [keeping, setKeeping] = useState(/** @type {any} */ (null))
  if (!items.length) return html`<p class="quiet">${none ?? t('plan.none')}</p>`
  return html`<ul class="lines">${items.slice(0, all ? undefined : FIRST).map((plan) => html`<li key=${plan.id}>
      <${Badge} of="kind" value=${plan.kind} />
      <span class="grow">${plan.summary}<br /><span class="quiet">${!own && html`<${Subject} of=${plan} /> · `}<${Name} id=${plan.owner_id} /></span></span>
      <span class=${new Date(plan.due_at) < new Date() && !plan.kept_at ? 'error' : 'quiet'}><time dateTime=${plan.due_at} title=${time(plan.due_at)}>${ago(plan.due_at)}</time></span>
      ${!plan.kept_at && may('plans:write') && html`<button type="button" class="icon-button" onClick=${() => setKeeping(plan)} aria-label=${t('plan.keep-this', { what: plan.summary })}><${Icon} name="check" /></button>`}
    </li>`)}</ul>
    ${items.length > FIRST && !all && html`<button type="button" class="button quiet-button" onClick=${() => setAll(true)}>${t('plan.all', { count: items.length })}${more && '+'}</button>`}
    ${all && more && html`<button type="button" class="button quiet-button" onClick=${more}>${t('action.more')}</button>`}
    ${keeping && html`<${KeepPlan} plan=${keeping} close=${() => setKeeping(null)} done=${done} />`}`
}

/** Whom or what an activity or a plan is about, the customer before the deal. @param {{of: any}} props */
export function Subject({ of }) {
  const found = SUBJECTS.find(([kind]) => of[`${kind}_id`])
  return found ? html`<a href=${`/${found[1]}/${of[`${found[0]}_id`]}`}>${of[`${found[0]}_name`] ?? '…'}</a>` : html`<span>–</span>`
}
