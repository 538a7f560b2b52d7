/** Saying what was done and promising what is next, wherever a page is about somebody. */
import { post } from '../api.js'
import { localMoment, moment } from '../format.js'
import { t } from '../i18n.js'
import { html } from '../ui.js'
import { Dialog } from './dialog.js'
import { Make } from './editing.js'
import { worded } from './filters.js'
import { Form } from './form.js'
import { tell } from './toasts.js'

export const KINDS = ['visit', 'call', 'meeting', 'message', 'demo', 'paperwork', 'coordination', 'travel', 'training']

/** @typedef {import('./form.js').Field} Field */

/** @returns {Field[]} */
const activityFields = () => [
  { name: 'kind', kind: 'choice', choices: worded('kind', KINDS), required: true },
  { name: 'started_at', kind: 'moment', required: true },
  { name: 'minutes', kind: 'number', required: true },
  { name: 'summary', kind: 'long', required: true },
  { name: 'outcome' },
  { name: 'decision_maker_met', kind: 'yes' },
]

/** @returns {Field[]} */
const planFields = () => [
  { name: 'kind', kind: 'choice', choices: worded('kind', KINDS), required: true },
  { name: 'due_at', kind: 'moment', required: true },
  { name: 'summary', kind: 'long', required: true },
]

/** The whole hour that begins `days` from now, as a form shows it. @param {number} [days] */
function soon(days = 0) {
  return `${localMoment(new Date(Date.now() + days * 86400000).toISOString()).slice(0, 13)}:00`
}

/** What it is about when the page does not know. @param {Record<string, string>} about @returns {Field[]} */
function aboutField(about) {
  return Object.keys(about).length ? [] : [{ name: 'customer_id', kind: 'customer', required: true }]
}

/** @param {{about: Record<string, string>, close: () => void, done: () => void}} props `about` names the customer, lead or deal */
export function LogActivity({ about, close, done }) {
  return html`<${Make} title=${t('activity.log')} path="/activities" fields=${[...aboutField(about), ...activityFields()]}
    values=${{ kind: 'call', started_at: moment(soon()), minutes: 30 }} shape=${(/** @type {any} */ given) => ({ ...given, ...about })} close=${close} done=${done} />`
}

/** @param {{about: Record<string, string>, close: () => void, done: () => void}} props */
export function MakePlan({ about, close, done }) {
  return html`<${Make} title=${t('plan.make')} path="/plans" fields=${[...aboutField(about), ...planFields()]}
    values=${{ kind: 'call', due_at: moment(soon(1)) }} shape=${(/** @type {any} */ given) => ({ ...given, ...about })} close=${close} done=${done} />`
}

/** @param {{plan: any, close: () => void, done: () => void}} props */
export function KeepPlan({ plan, close, done }) {
  const save = async (/** @type {any} */ given) => {
    const named = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null))
    const about = Object.fromEntries(['customer_id', 'lead_id', 'opportunity_id'].filter((name) => plan[name]).map((name) => [name, plan[name]]))
    await post(`/plans/${plan.id}/completion`, { activity: { ...named, ...about } })
    tell(t('plan.kept-said'))
    close()
    done()
  }
  return html`<${Dialog} title=${t('plan.keep')} close=${close}>
    <${Form} fields=${activityFields()} values=${{ kind: plan.kind, started_at: moment(soon()), minutes: 30, summary: plan.summary }} save=${save} submit=${t('plan.keep')} cancel=${close} />
  <//>`
}
