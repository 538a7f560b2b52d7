/** The first page of the day: what is promised, what came in, what is about to close. */
import { get } from '../api.js'
import { ago, day, money, number, percent, shortMoney, time } from '../format.js'
import { t } from '../i18n.js'
import { ToAcknowledge } from '../parts/acknowledge.js'
import { Badge, Empty, Heading, Icon, Loaded } from '../parts/basics.js'
import { PageFrame } from '../parts/page.js'
import { useResource } from '../resource.js'
import { session } from '../session.js'
import { html } from '../ui.js'

export function Page() {
  const home = useResource(() => get('/home'), ['home'], { about: ['crm.leads.', 'crm.activity.'] })
  return html`<${PageFrame} title=${t('nav.home')}>
    <${Heading} title=${t('home.hello', { name: session.me.value?.name ?? '' })} />
    <${ToAcknowledge} />
    <${Loaded} of=${home}>${(/** @type {any} */ found) => html`
      ${found.missing.length > 0 && html`<p class="notice" role="status"><${Icon} name="triangle-alert" />${t('home.missing', { what: found.missing.map((/** @type {string} */ name) => t(`service.${name}`)).join('、') })}</p>`}
      ${found.pipeline && html`<${Tiles} total=${found.pipeline.total} />`}
      <div class="grid">
        <${Part} title=${t('home.today')} href="/activities" of=${found.agenda?.plans} none=${t('home.no-plans')} row=${PlanRow} />
        <${Part} title=${t('home.overdue')} href="/activities" of=${found.overdue?.items} none=${t('home.nothing-late')} row=${PlanRow} />
        <${Part} title=${t('home.leads')} href="/leads" of=${found.leads?.items} none=${t('home.no-leads')} row=${LeadRow} />
        <${Part} title=${t('home.closing')} href="/opportunities" of=${found.opportunities?.items} none=${t('home.no-deals')} row=${DealRow} />
      </div>`}<//>
  <//>`
}

/** @param {{total: any}} props */
function Tiles({ total }) {
  const open = ['prospecting', 'engaging', 'proposing', 'negotiating'].reduce((sum, stage) => sum + (total.by_stage[stage] ?? 0), 0)
  const tiles = [['open', number(open)], ['won', number(total.won)], ['win-rate', percent(total.win_rate)], ['revenue', shortMoney(total.revenue)]]
  return html`<div class="tiles">${tiles.map(([name, value]) => html`<div class="tile" key=${name}><span class="quiet">${t(`dashboard.${name}`)}</span><strong>${value}</strong></div>`)}</div>`
}

/** @param {{title: string, href: string, of: any[] | undefined, none: string, row: (props: any) => any}} props */
function Part({ title, href, of, none, row: Row }) {
  if (!of) return null
  return html`<section class="card"><h2>${title}<a href=${href}>${t('home.all')}</a></h2>
    ${of.length ? html`<ul class="lines">${of.slice(0, 6).map((it) => html`<${Row} key=${it.id} it=${it} />`)}</ul>` : html`<${Empty} icon="check" title=${none} />`}
  </section>`
}

/** @param {{it: any}} props */
function PlanRow({ it }) {
  return html`<li><${Badge} of="kind" value=${it.kind} /><span class="grow">${it.summary}<br /><span class="quiet">${it.customer_name ?? it.lead_name ?? it.opportunity_name ?? ''}</span></span>
    <time class="quiet" dateTime=${it.due_at} title=${time(it.due_at)}>${ago(it.due_at)}</time></li>`
}

/** @param {{it: any}} props */
function LeadRow({ it }) {
  return html`<li><span class="grow"><a href=${`/leads/${it.id}`}>${it.company}</a><br /><span class="quiet">${it.contact_name ?? ''}</span></span>
    <${Badge} of="lead-state" value=${it.state} /><time class="quiet">${ago(it.created_at)}</time></li>`
}

/** @param {{it: any}} props */
function DealRow({ it }) {
  return html`<li><span class="grow"><a href=${`/opportunities/${it.id}`}>${it.name}</a><br /><span class="quiet">${it.customer_name ?? ''} · ${money(it.amount)}</span></span>
    <${Badge} of="stage" value=${it.stage} /><span class="quiet">${day(it.expected_close_on)}</span></li>`
}
