/** The board: deals by stage, moved by dragging or by menu, shown where they are put before the service has agreed. */
import { post } from '../api.js'
import { money, shortMoney, day, today } from '../format.js'
import { t } from '../i18n.js'
import { Badge, Failure, Heading, Icon, Loading, Name, Stale } from '../parts/basics.js'
import { CloseDeal } from '../parts/closing.js'
import { dealFields, dealShape } from '../parts/deal-form.js'
import { Make } from '../parts/editing.js'
import { Filters, Pick, PickFrom, Search, worded } from '../parts/filters.js'
import { Menu } from '../parts/menu.js'
import { PageFrame } from '../parts/page.js'
import { ListTable, NothingHere } from '../parts/table.js'
import { complain } from '../parts/toasts.js'
import { all, useList, useResource } from '../resource.js'
import { filter, go, query } from '../router.js'
import { may, seesOthers } from '../session.js'
import { html, useEffect, useRef, useState } from '../ui.js'

export const STAGES = ['prospecting', 'engaging', 'proposing', 'negotiating']
const SHOWN = 100
const ABOUT = ['crm.leads.opportunity.']

export function Page() {
  const [adding, setAdding] = useState(false)
  const asked = query.value
  const list = asked.view === 'list'
  const several = seesOthers()
  const close = () => setAdding(false)
  return html`<${PageFrame} title=${t('nav.opportunities')} wide>
    <${Heading} title=${t('nav.opportunities')}>
      <button type="button" class="button" aria-pressed=${!list} onClick=${() => filter({ view: '', outcome: '', stage: '' })}><${Icon} name="square-kanban" />${t('board.board')}</button>
      <button type="button" class="button" aria-pressed=${list} onClick=${() => filter({ view: 'list' })}><${Icon} name="list-filter" />${t('board.list')}</button>
      ${may('opportunities:write') && html`<button type="button" class="button primary" onClick=${() => setAdding(true)}><${Icon} name="plus" />${t('board.add')}</button>`}
    <//>
    <${Filters}>
      <${Search} placeholder=${t('board.search')} />
      ${several && html`<${PickFrom} name="owner_id" label=${t('field.owner_id')} path="/users" />`}
      ${several && html`<${PickFrom} name="unit_id" label=${t('field.unit_id')} path="/units" />`}
      <${PickFrom} name="product_id" label=${t('field.product_id')} path="/products" />
      ${list && html`<${Pick} name="stage" label=${t('field.stage')} choices=${worded('stage', [...STAGES, 'won', 'lost'])} />`}
    <//>
    ${list ? html`<${DealList} />` : html`<${Board} />`}
    ${adding && html`<${Make} title=${t('board.add')} path="/opportunities" fields=${dealFields()} shape=${dealShape} close=${close}
      done=${(/** @type {any} */ made) => go(`/opportunities/${made.id}`)} />`}
  <//>`
}

/** What the address asks of every lane. */
function narrowed() {
  const { q, owner_id: owner, unit_id: unit, product_id: product } = query.value
  return { q, owner_id: owner, unit_id: unit, product_id: product }
}

function Board() {
  const asked = narrowed()
  const lanes = useResource(() => Promise.all(STAGES.map((stage) => all('/opportunities', { ...asked, stage, limit: SHOWN, sort: 'expected_close_on' }, 1))), [asked], { about: ABOUT })
  const [moved, setMoved] = useState(/** @type {Record<string, string>} */ ({}))
  const [closing, setClosing] = useState(/** @type {{deal: any, outcome: string} | null} */ (null))
  const found = lanes.value ?? lanes.before
  if (lanes.error && !lanes.value) return html`<${Failure} error=${lanes.error} retry=${lanes.reload} />`
  if (!found) return html`<${Loading} />`
  const deals = found.flatMap((/** @type {any} */ lane) => lane.items)
  const move = async (/** @type {any} */ deal, /** @type {string} */ stage) => {
    if (stage === 'won' || stage === 'lost') return setClosing({ deal, outcome: stage })
    setMoved((before) => ({ ...before, [deal.id]: stage }))
    try {
      await post(`/opportunities/${deal.id}/stage`, { stage })
      await lanes.reload()
    } catch (error) {
      complain(error)
    } finally {
      setMoved(({ [deal.id]: _, ...rest }) => rest)
    }
  }
  if (!deals.length && Object.values(asked).some(Boolean)) return html`<${NothingHere} filtered title="" hint="" clear=${() => filter({ q: '', owner_id: '', unit_id: '', product_id: '' })} />`
  return html`${lanes.error && html`<${Stale} error=${lanes.error} retry=${lanes.reload} />`}<div class=${lanes.loading ? 'board ageing' : 'board'}>
    ${STAGES.map((stage, at) => html`<${Lane} key=${stage} stage=${stage} move=${move} moved=${moved} more=${Boolean(found[at].next_cursor)}
      deals=${deals.filter((/** @type {any} */ deal) => (moved[deal.id] ?? deal.stage) === stage)}
      byId=${(/** @type {string} */ id) => deals.find((/** @type {any} */ deal) => deal.id === id)} />`)}
  </div>
  ${closing && html`<${CloseDeal} ...${closing} close=${() => setClosing(null)} done=${lanes.reload} />`}`
}

/** @param {{stage: string, deals: any[], more: boolean, moved: Record<string, string>, move: (deal: any, stage: string) => void,
 *   byId: (id: string) => any}} props */
function Lane({ stage, deals, more, moved, move, byId }) {
  const list = useRef(/** @type {HTMLUListElement | null} */ (null))
  const moving = useRef({ move, byId })
  moving.current = { move, byId }
  useEffect(() => (may('opportunities:write') ? sortable(list.current, stage, moving) : undefined), [stage])
  return html`<section class="lane" aria-labelledby=${`lane-${stage}`}>
    <header class="lane-head"><h2 id=${`lane-${stage}`}>${t(`stage.${stage}`)} <span class="quiet">${deals.length}${more ? '+' : ''}</span></h2>
      <span class="quiet">${sums(deals)}${more && deals.length ? '+' : ''}</span></header>
    <ul ref=${list} data-stage=${stage}>
      ${deals.map((deal) => html`<${Deal} key=${deal.id} deal=${deal} pending=${deal.id in moved} stage=${stage} move=${move} />`)}
    </ul>
    ${more && html`<a class="button" href=${`/opportunities?${new URLSearchParams({ ...query.value, view: 'list', stage })}`}>${t('board.see-all')}</a>`}
    ${!deals.length && html`<p class="quiet empty">${t('board.empty-lane')}</p>`}
  </section>`
}

/** What the deals are worth together, by currency. @param {any[]} deals */
function sums(deals) {
  /** @type {Record<string, number>} */
  const totals = {}
  for (const { amount } of deals) if (amount) totals[amount.currency] = (totals[amount.currency] ?? 0) + Number(amount.amount)
  return Object.entries(totals).map(([currency, total]) => shortMoney({ amount: String(total), currency })).join(' · ')
}

/** Let cards of `list` be dragged to other lanes. The card goes back to where it was at once: what is shown follows
 * from the deals, not from where a card was dropped. Where the script does not come, the menu does the same.
 * @param {HTMLElement | null} list @param {string} stage @param {{current: {move: any, byId: any}}} moving */
function sortable(list, stage, moving) {
  /** @type {any} */
  let lane
  let gone = false
  import('../vendor/sortable.js').then(() => {
    if (gone || !list) return
    lane = new /** @type {any} */ (window).Sortable(list, {
      group: 'deals',
      animation: 120,
      delay: 150,
      delayOnTouchOnly: true,
      filter: 'details, button',
      preventOnFilter: false,
      sort: false,
      onEnd: (/** @type {any} */ { item, from, to, oldIndex }) => {
        from.insertBefore(item, from.children[oldIndex] ?? null)
        if (to !== from) moving.current.move(moving.current.byId(item.dataset.id), to.dataset.stage)
      },
    })
  }, () => {})
  return () => {
    gone = true
    lane?.destroy()
  }
}

/** @param {{deal: any, stage: string, pending: boolean, move: (deal: any, stage: string) => void}} props */
function Deal({ deal, stage, pending, move }) {
  const late = deal.expected_close_on && deal.expected_close_on < today()
  return html`<li class=${`deal${pending ? ' pending' : ''}${late ? ' late' : ''}`} data-id=${deal.id}>
    <div class="deal-head"><a draggable="false" href=${`/opportunities/${deal.id}`}>${deal.name}</a>
      ${may('opportunities:write') && html`<${MoveMenu} deal=${deal} stage=${stage} move=${move} />`}</div>
    <span class="quiet">${deal.customer_name ?? t('board.no-customer')}</span>
    <div class="deal-foot"><strong>${money(deal.amount)}</strong><span><${Name} id=${deal.owner_id} /></span></div>
    ${deal.expected_close_on && html`<div class="deal-foot"><span>${late ? t('board.late') : t('board.expected')} ${day(deal.expected_close_on)}</span></div>`}
  </li>`
}

/** What dragging does, by keyboard. @param {{deal: any, stage: string, move: (deal: any, stage: string) => void}} props */
function MoveMenu({ deal, stage, move }) {
  const targets = [...STAGES, 'won', 'lost'].filter((target) => target !== stage)
  return html`<${Menu} name="move" look="icon-button" label=${t('board.move', { name: deal.name })} button=${html`<${Icon} name="ellipsis" />`}>
    ${targets.map((target) => html`<button type="button" key=${target} class="menu-entry" onClick=${() => move(deal, target)}>
      <${Icon} name=${MOVES[target] ?? 'arrow-right'} />${t('board.to', { stage: t(`stage.${target}`) })}</button>`)}
  <//>`
}

/** @type {Record<string, string>} */
const MOVES = { won: 'trophy', lost: 'circle-x' }

function DealList() {
  const { stage } = query.value
  const list = useList('/opportunities', { ...narrowed(), stage, limit: 50, sort: '-updated_at' }, { about: ABOUT })
  const filtered = Boolean(stage || Object.values(narrowed()).some(Boolean))
  const clear = () => filter({ q: '', owner_id: '', unit_id: '', product_id: '', stage: '' })
  return html`<${ListTable} list=${list} caption=${t('nav.opportunities')} href=${(/** @type {any} */ deal) => `/opportunities/${deal.id}`}
    empty=${html`<${NothingHere} filtered=${filtered} title=${t('board.none')} hint=${t('board.none-hint')} clear=${clear} />`}
    columns=${[
      { key: 'name', label: t('field.name'), main: true, show: (/** @type {any} */ deal) => deal.name },
      { key: 'customer', label: t('field.customer_id'), show: (/** @type {any} */ deal) => deal.customer_name ?? '–' },
      { key: 'stage', label: t('field.stage'), show: (/** @type {any} */ deal) => html`<${Badge} of="stage" value=${deal.stage} />` },
      { key: 'amount', label: t('field.amount'), number: true, show: (/** @type {any} */ deal) => money(deal.amount) },
      { key: 'owner', label: t('field.owner_id'), show: (/** @type {any} */ deal) => html`<${Name} id=${deal.owner_id} />` },
      { key: 'close', label: t('deal.closes'), show: (/** @type {any} */ deal) => (deal.closed_on ? day(deal.closed_on) : html`<span class="quiet">${day(deal.expected_close_on)}</span>`) },
    ]} />`
}
