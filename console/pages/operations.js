/** What an operator looks after: events that wait to be sent, and events that could not be applied. */
import { get, post } from '../api.js'
import { ago, number, time } from '../format.js'
import { t } from '../i18n.js'
import { Badge, Empty, Heading, Icon, Loaded } from '../parts/basics.js'
import { Confirm } from '../parts/confirm.js'
import { PageFrame } from '../parts/page.js'
import { ListTable } from '../parts/table.js'
import { tell } from '../parts/toasts.js'
import { useList, useResource } from '../resource.js'
import { filter, query } from '../router.js'
import { html, useEffect, useRef, useState } from '../ui.js'

const SERVICES = ['organization', 'customer', 'leads', 'activity', 'analytics']
const STATES = ['parked', 'waiting', 'discarded']
const EVERY_MS = 5_000
/** From this age on, an unsent event is late. */
const LATE_SECONDS = 60

/** @typedef {{id: string, type: string, state: string}} Failed
 * @typedef {{service: string, backlog?: any}} Measured without `backlog` the service did not answer */

export function Page() {
  const service = SERVICES.find((name) => name === query.value.service) ?? SERVICES[0]
  const state = STATES.find((name) => name === query.value.state) ?? STATES[0]
  const anything = { about: ['crm.'] }
  const backlogs = useResource(() => Promise.all(SERVICES.map(measured)), [], anything)
  const failed = useList(`/operations/${service}/failed-events`, { state }, anything)
  const events = useList(`/operations/${service}/events`, { limit: 20 }, anything)
  const reload = () => Promise.all([backlogs, failed, events].map((shown) => shown.reload()))
  useEvery(reload)
  const [asked, setAsked] = useState(/** @type {{doing: 'requeue' | 'discard', event: Failed} | null} */ (null))
  return html`<${PageFrame} title=${t('nav.operations')} wide>
    <${Heading} title=${t('nav.operations')} />
    <${Loaded} of=${backlogs}>${(/** @type {Measured[]} */ found) => html`<div class="grid narrow">${found.map((each) => html`<${Card} key=${each.service} ...${each} />`)}</div>`}<//>
    <div class="stack">
      <${Choose} name="service" label=${t('operations.service')} of="service" values=${SERVICES} chosen=${service} />
      <section aria-labelledby="failed"><h2 id="failed">${t('operations.failed-of', { service: t(`service.${service}`) })}</h2>
        <${Choose} name="state" label=${t('field.state')} of="failed-state" values=${STATES} chosen=${state} />
        <${ListTable} list=${failed} caption=${t('operations.failed-of', { service: t(`service.${service}`) })} columns=${failedColumns(state, setAsked)}
          empty=${html`<${Empty} icon="check" title=${t('operations.none-failed')} />`} /></section>
      <section aria-labelledby="recorded"><h2 id="recorded">${t('operations.recorded-by', { service: t(`service.${service}`) })}</h2>
        <${ListTable} list=${events} caption=${t('operations.recorded-by', { service: t(`service.${service}`) })} columns=${eventColumns()}
          empty=${html`<${Empty} title=${t('operations.none-recorded')} />`} /></section>
    </div>
    ${asked && html`<${Ask} ...${asked} service=${service} done=${reload} close=${() => setAsked(null)} />`}
  <//>`
}

/** @param {string} service @returns {Promise<Measured>} */
const measured = (service) => get(`/operations/${service}/backlog`).then((backlog) => ({ service, backlog }), () => ({ service }))

/** Parked events and a relay that fell behind say nothing on the stream. @param {() => any} reload */
function useEvery(reload) {
  const latest = useRef(reload)
  latest.current = reload
  useEffect(() => {
    const timer = setInterval(() => document.hidden || latest.current(), EVERY_MS)
    return () => clearInterval(timer)
  }, [])
}

/** @param {Measured} props */
function Card({ service, backlog }) {
  if (!backlog) return html`<section class="card"><h2>${t(`service.${service}`)}<${Badge} of="health" value="away" /></h2><p class="quiet">${t('operations.away')}</p></section>`
  const { outbox, failed, relay, last_recorded_at: last } = backlog
  const oldest = outbox.depth ? ago(new Date(Date.now() - outbox.oldest_age_seconds * 1000).toISOString()) : '–'
  const health = failed.parked || outbox.refused ? 'parked' : outbox.oldest_age_seconds > LATE_SECONDS || !relay ? 'behind' : 'healthy'
  return html`<section class="card" data-service=${service}><h2>${t(`service.${service}`)}<${Badge} of="health" value=${health} /></h2><dl class="facts">
    <dt>${t('operations.unsent')}</dt><dd>${number(outbox.depth)}</dd>
    <dt>${t('operations.oldest')}</dt><dd>${oldest}</dd>
    <dt>${t('operations.refused')}</dt><dd>${number(outbox.refused)}</dd>
    <dt>${t('failed-state.waiting')}</dt><dd>${number(failed.waiting)}</dd>
    <dt>${t('failed-state.parked')}</dt><dd>${failed.parked ? html`<a href=${`/operations?service=${service}`}>${number(failed.parked)}</a>` : number(0)}</dd>
    <dt>${t('operations.relay')}</dt><dd class="code">${relay ?? t('operations.nobody')}</dd>
    <dt>${t('operations.last')}</dt><dd title=${time(last)}>${ago(last)}</dd>
  </dl></section>`
}

/** @param {{name: string, label: string, of: string, values: string[], chosen: string}} props */
function Choose({ name, label, of, values, chosen }) {
  return html`<div class="path" role="group" aria-label=${label}>${values.map((value) => html`<button type="button" key=${value} class="button"
    aria-pressed=${value === chosen} onClick=${() => filter({ [name]: value })}>${t(`${of}.${value}`)}</button>`)}</div>`
}

/** @param {string} state @param {(asked: {doing: 'requeue' | 'discard', event: Failed}) => void} ask
 * @returns {import('../parts/table.js').Column[]} */
const failedColumns = (state, ask) => [
  { key: 'type', label: t('field.event-type'), main: true, show: (event) => html`<span class="code">${event.type}</span>` },
  { key: 'error', label: t('field.error'), show: (event) => html`<span class="code">${event.error}</span>` },
  { key: 'field', label: t('field.field'), show: (event) => (event.field ? html`<span class="code">${event.field}</span>` : '–') },
  { key: 'attempts', label: t('field.attempts'), number: true, show: (event) => number(event.attempts) },
  { key: 'failed', label: t('field.failed_at'), show: (event) => time(event.failed_at) },
  ...(/** @type {Record<string, import('../parts/table.js').Column[]>} */ ({
    waiting: [{ key: 'next', label: t('field.next_attempt_at'), show: (event) => ago(event.next_attempt_at) }],
    parked: [{ key: 'actions', label: t('action.actions'), show: (event) => html`<span class="actions">
      <button type="button" class="button" onClick=${() => ask({ doing: 'requeue', event })}><${Icon} name="rotate-ccw" />${t('operations.requeue')}</button>
      <button type="button" class="button danger" onClick=${() => ask({ doing: 'discard', event })}><${Icon} name="trash-2" />${t('operations.discard')}</button></span>` }],
  })[state] ?? []),
]

/** @returns {import('../parts/table.js').Column[]} */
const eventColumns = () => [
  { key: 'type', label: t('field.event-type'), main: true, show: (event) => html`<span class="code">${event.type}</span>` },
  { key: 'subject', label: t('field.subject'), show: (event) => html`<span class="code">${event.subject}</span>` },
  { key: 'recorded', label: t('field.recorded_at'), show: (event) => time(event.recorded_at) },
  { key: 'sent', label: t('field.state'), show: (event) => html`<${Badge} of="sent-state" value=${event.sent ? 'sent' : 'waiting'} />` },
]

/** @param {{doing: 'requeue' | 'discard', event: Failed, service: string, done: () => Promise<any>, close: () => void}} props */
function Ask({ doing, event, service, done, close }) {
  const act = async () => {
    await post(`/operations/${service}/failed-events/${event.id}/${doing}`)
    tell(t(doing === 'requeue' ? 'operations.requeued' : 'operations.discarded'))
    await done()
  }
  const words = doing === 'requeue'
    ? { title: t('operations.requeue-title'), hint: t('operations.requeue-hint'), action: t('operations.requeue') }
    : { title: t('operations.discard-title'), hint: t('operations.discard-hint'), action: t('operations.discard'), danger: true }
  return html`<${Confirm} ...${words} act=${act} close=${close} />`
}
