/** The first page of the day: what is promised, what came in, what is about to close. */
import { get } from '../api.js'
import { ago, day, money, number, percent, shortMoney, time, today } from '../format.js'
import { t } from '../i18n.js'
import { ToAcknowledge } from '../parts/acknowledge.js'
import { Plans } from '../parts/activity-lists.js'
import { Badge, Empty, Heading, Loaded, Missing, Name } from '../parts/basics.js'
import { PageFrame } from '../parts/page.js'
import { useResource } from '../resource.js'
import { seesOthers, session } from '../session.js'
import { html } from '../ui.js'

const SHOWN = 6

export function Page() {
  const home = useResource(() => get('/home'), ['home'], { about: ['crm.leads.', 'crm.activity.'] })
  const plans = (/** @type {any[]} */ items) => html`<${Plans} items=${items} done=${home.reload} />`
  return html`<${PageFrame} title=${t('nav.home')}>
    <${Heading} title=${t('home.hello', { name: session.me.value?.name ?? '' })} />
    <${ToAcknowledge} />
    <${Loaded} of=${home}>${(/** @type {any} */ found) => html`
      <${Missing} services=${found.missing} />
      ${found.pipeline && html`<${Tiles} total=${found.pipeline.total} />`}
      <div class="grid">
        <${Part} title=${t('home.today')} href="/activities" of=${found.agenda?.plans} none=${t('home.no-plans')} rows=${plans} />
        <${Part} title=${t('home.overdue')} href="/activities" of=${found.overdue?.items} none=${t('home.nothing-late')} rows=${plans} />
        <${Part} title=${t('home.leads')} href="/leads" of=${found.leads?.items} none=${t('home.no-leads')} rows=${lines(LeadRow)} />
        <${Part} title=${t('home.closing')} href="/opportunities" of=${found.opportunities?.items} none=${t('home.no-deals')} rows=${lines(DealRow)} />
      </div>`}<//>
  <//>`
}

/** @param {{total: any}} props */
function Tiles({ total }) {
  const open = ['prospecting', 'engaging', 'proposing', 'negotiating'].reduce((sum, stage) => sum + (total.by_stage[stage] ?? 0), 0)
  const tiles = [
    ['open', number(open), '/opportunities'],
    ['won', number(total.won), '/opportunities?view=list&stage=won'],
    ['win-rate', percent(total.win_rate), '/dashboard'],
    ['revenue', shortMoney(total.revenue), '/dashboard'],
  ]
  return html`<div class="tiles">${tiles.map(([name, value, href]) => html`<a class="tile" key=${name} href=${href}><span class="quiet">${t(`dashboard.${name}`)}</span><strong>${value}</strong></a>`)}</div>`
}

/** @param {{title: string, href: string, of: any[] | undefined, none: string, rows: (items: any[]) => any}} props */
function Part({ title, href, of, none, rows }) {
  if (!of) return null
  return html`<section class="card"><h2>${title}<a href=${href}>${t('home.all')}<span class="unseen"> ${title}</span></a></h2>
    ${of.length ? rows(of.slice(0, SHOWN)) : html`<${Empty} icon="check" title=${none} />`}
  </section>`
}

/** @param {(props: {it: any}) => any} Row */
const lines = (Row) => (/** @type {any[]} */ items) => html`<ul class="lines">${items.map((it) => html`<${Row} key=${it.id} it=${it} />`)}</ul>`

/** What is known of it, in one line. @param {{known: any[]}} props */
function Known({ known }) {
  return html`<span class="quiet">${known.filter(Boolean).map((fact, at) => html`${at > 0 && ' · '}${fact}`)}</span>`
}

/** @param {{it: any}} props */
function LeadRow({ it }) {
  return html`<li><span class="grow"><a href=${`/leads/${it.id}`}>${it.company}</a><br /><${Known} known=${[it.contact_name, seesOthers() && html`<${Name} id=${it.owner_id} />`]} /></span>
    <${Badge} of="lead-state" value=${it.state} /><time class="quiet" dateTime=${it.created_at} title=${time(it.created_at)}>${ago(it.created_at)}</time></li>`
}

/** @param {{it: any}} props */
function DealRow({ it }) {
  return html`<li><span class="grow"><a href=${`/opportunities/${it.id}`}>${it.name}</a><br /><${Known} known=${[it.customer_name, it.amount && money(it.amount), seesOthers() && html`<${Name} id=${it.owner_id} />`]} /></span>
    <${Badge} of="stage" value=${it.stage} /><span class=${it.expected_close_on < today() ? 'error' : 'quiet'}>${day(it.expected_close_on)}</span></li>`
}
