/** The pipeline in figures: funnel, win rate by unit, revenue by quarter, products. Filters are in the address. */
import { get } from '../api.js'
import { money, number, percent, quarterName, shortMoney, time } from '../format.js'
import { t } from '../i18n.js'
import { Chart } from '../parts/chart.js'
import { Heading, Loaded } from '../parts/basics.js'
import { Filters, PickDay, PickFrom } from '../parts/filters.js'
import { PageFrame } from '../parts/page.js'
import { NothingHere, Table } from '../parts/table.js'
import { useResource } from '../resource.js'
import { filter, query } from '../router.js'
import { html } from '../ui.js'

const STAGES = ['prospecting', 'engaging', 'proposing', 'negotiating', 'won']
const GROUPS = ['unit', 'quarter', 'product', 'owner']

export function Page() {
  const { unit_id: unit, from, to } = query.value
  const asked = { unit_id: unit, from, to }
  const load = () => Promise.all(GROUPS.map((group) => get('/analytics/pipeline', { ...asked, group_by: group })))
  const figures = useResource(load, [asked], {
    about: ['crm.leads.opportunity.'],
    settled: (found, at) => new Date(found[0].as_of ?? 0).getTime() >= at,
  })
  const shown = { ...figures, value: figures.value ?? figures.before }
  return html`<${PageFrame} title=${t('nav.dashboard')} wide>
    <${Heading} title=${t('nav.dashboard')} />
    <${Filters}>
      <${PickFrom} name="unit_id" label=${t('field.unit_id')} path="/units" />
      <${PickDay} name="from" label=${t('filter.from')} /><${PickDay} name="to" label=${t('filter.to')} />
    <//>
    <${Loaded} of=${shown}>${(/** @type {any[]} */ [units, quarters, products, owners]) => (units.total.deals
      ? html`<${Figures} units=${units} quarters=${quarters} products=${products} owners=${owners} />`
      : html`<${NothingHere} filtered=${Boolean(unit || from || to)} title=${t('dashboard.none')} hint=${t('dashboard.none-hint')} clear=${() => filter({ unit_id: '', from: '', to: '' })} />`)}<//>
  <//>`
}

/** @param {{units: any, quarters: any, products: any, owners: any}} props */
function Figures({ units, quarters, products, owners }) {
  const { total } = units
  const open = STAGES.slice(0, 4).reduce((sum, stage) => sum + (total.by_stage[stage] ?? 0), 0)
  return html`<div class="tiles">
      <${Tile} label=${t('dashboard.open')} value=${number(open)} />
      <${Tile} label=${t('dashboard.won')} value=${number(total.won)} />
      <${Tile} label=${t('dashboard.win-rate')} value=${percent(total.win_rate)} />
      <${Tile} label=${t('dashboard.revenue')} value=${shortMoney(total.revenue)} />
      <${Tile} label=${t('dashboard.cycle')} value=${total.median_cycle_days_won == null ? '–' : t('dashboard.days', { count: total.median_cycle_days_won })} />
    </div>
    <div class="grid narrow">
      <${Funnel} by=${total.by_stage} /><${WinRate} items=${units.items} /><${Revenue} items=${quarters.items} />
    </div>
    <div class="stack">
      <${Breakdown} title=${t('dashboard.by-product')} label=${t('field.product_id')} items=${products.items} />
      <${Breakdown} title=${t('dashboard.by-owner')} label=${t('field.owner_id')} items=${owners.items} />
    </div>
    <p class="quiet" data-as-of=${units.as_of}>${t('dashboard.as-of', { time: time(units.as_of) })}</p>`
}

/** @param {{label: string, value: string}} props */
function Tile({ label, value }) {
  return html`<div class="tile"><span class="quiet">${label}</span><strong>${value}</strong></div>`
}

/** @param {{by: Record<string, number>}} props */
function Funnel({ by }) {
  const rows = STAGES.map((stage) => ({ id: stage, name: t(`stage.${stage}`), deals: by[stage] ?? 0 }))
  return html`<${Chart} title=${t('dashboard.funnel')} rows=${rows}
    columns=${[{ key: 'name', label: t('field.stage'), main: true, show: (/** @type {any} */ row) => row.name }, { key: 'deals', label: t('dashboard.deals'), number: true, show: (/** @type {any} */ row) => number(row.deals) }]}
    option=${{ xAxis: { type: 'value', splitNumber: 3 }, yAxis: { type: 'category', inverse: true, data: rows.map((row) => row.name) },
      series: [{ type: 'bar', name: t('dashboard.deals'), data: rows.map((row) => row.deals), label: { show: true, position: 'right' }, barMaxWidth: 28 }] }} />`
}

/** @param {{items: any[]}} props */
function WinRate({ items }) {
  const rows = [...items].filter((row) => row.win_rate != null).sort((one, other) => other.win_rate - one.win_rate)
  const shown = (/** @type {any} */ row) => Math.round(row.win_rate * 1000) / 10
  return html`<${Chart} title=${t('dashboard.win-rate-by-unit')} rows=${rows}
    columns=${[{ key: 'name', label: t('field.unit_id'), main: true, show: (/** @type {any} */ row) => row.group.name }, { key: 'rate', label: t('dashboard.win-rate'), number: true, show: (/** @type {any} */ row) => percent(row.win_rate) }]}
    option=${{ xAxis: { type: 'value', splitNumber: 3, axisLabel: { formatter: '{value}%' } }, yAxis: { type: 'category', inverse: true, data: rows.map((row) => row.group.name) },
      tooltip: { valueFormatter: (/** @type {number} */ value) => percent(value / 100) },
      series: [{ type: 'bar', name: t('dashboard.win-rate'), data: rows.map(shown), barMaxWidth: 22, label: { show: true, position: 'right', formatter: '{c}%' } }] }} />`
}

/** The year on a line of its own, so that more quarters have room. @param {string} quarter */
const inTwoLines = (quarter) => quarter.replace(/年| /, '$&\n')

/** @param {{items: any[]}} props */
function Revenue({ items }) {
  const rows = items.filter((row) => row.group.id)
  const currency = rows.find((row) => row.revenue)?.revenue.currency ?? 'CNY'
  return html`<${Chart} title=${t('dashboard.revenue-by-quarter')} rows=${rows}
    columns=${[{ key: 'name', label: t('dashboard.quarter'), main: true, show: (/** @type {any} */ row) => quarterName(row.group.id) }, { key: 'revenue', label: t('dashboard.revenue'), number: true, show: (/** @type {any} */ row) => money(row.revenue) }]}
    option=${{ xAxis: { type: 'category', data: rows.map((row) => quarterName(row.group.id)), axisLabel: { formatter: inTwoLines, interval: rows.length > 6 ? 'auto' : 0 } }, yAxis: { type: 'value', axisLabel: { formatter: (/** @type {number} */ value) => shortMoney({ amount: String(value), currency }) } },
      tooltip: { valueFormatter: (/** @type {number} */ value) => money({ amount: String(value), currency }) },
      series: [{ type: 'bar', name: t('dashboard.revenue'), data: rows.map((row) => Number(row.revenue?.amount ?? 0)), barMaxWidth: 44 }] }} />`
}

/** @param {{title: string, label: string, items: any[]}} props */
function Breakdown({ title, label, items }) {
  const rows = items.map((row) => ({ ...row, id: row.group.id })).sort((one, other) => Number(other.revenue?.amount ?? 0) - Number(one.revenue?.amount ?? 0))
  return html`<section class="card"><h2>${title}</h2><${Table} caption=${title} rows=${rows} columns=${[
    { key: 'name', label, main: true, show: (/** @type {any} */ row) => row.group.name ?? '–' },
    { key: 'deals', label: t('dashboard.deals'), number: true, show: (/** @type {any} */ row) => number(row.deals) },
    { key: 'won', label: t('dashboard.won'), number: true, show: (/** @type {any} */ row) => number(row.won) },
    { key: 'lost', label: t('dashboard.lost'), number: true, show: (/** @type {any} */ row) => number(row.lost) },
    { key: 'rate', label: t('dashboard.win-rate'), number: true, show: (/** @type {any} */ row) => percent(row.win_rate) },
    { key: 'revenue', label: t('dashboard.revenue'), number: true, show: (/** @type {any} */ row) => money(row.revenue) },
    { key: 'cycle', label: t('dashboard.cycle'), number: true, show: (/** @type {any} */ row) => (row.median_cycle_days_won == null ? '–' : t('dashboard.days', { count: row.median_cycle_days_won })) },
  ]} /></section>`
}
