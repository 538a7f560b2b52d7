/** What is promised and what was done. */
import { t } from '../i18n.js'
import { time } from '../format.js'
import { KINDS, LogActivity, MakePlan } from '../parts/activity-forms.js'
import { Plans, Subject } from '../parts/activity-lists.js'
import { Badge, Heading, Icon, Loaded, Name } from '../parts/basics.js'
import { Filters, Pick, PickFrom, worded } from '../parts/filters.js'
import { PageFrame } from '../parts/page.js'
import { ListTable, NothingHere } from '../parts/table.js'
import { useList } from '../resource.js'
import { filter, query } from '../router.js'
import { may, seesOthers } from '../session.js'
import { html, useState } from '../ui.js'

const ABOUT = { about: ['crm.activity.'] }

export function Page() {
  const { kind, owner_id: owner } = query.value
  const [open, setOpen] = useState('')
  const several = seesOthers()
  const overdue = useList('/plans', { state: 'overdue', kind, owner_id: owner, sort: 'due_at', limit: 50 }, ABOUT)
  const next = useList('/plans', { state: 'open', kind, owner_id: owner, sort: 'due_at', limit: 50 }, ABOUT)
  const done = useList('/activities', { kind, owner_id: owner, sort: '-started_at' }, ABOUT)
  const reload = () => Promise.all([overdue.reload(), next.reload(), done.reload()])
  const close = () => setOpen('')
  const late = new Set(overdue.items.map((/** @type {any} */ plan) => plan.id))
  return html`<${PageFrame} title=${t('nav.activities')}>
    <${Heading} title=${t('nav.activities')}>
      ${may('plans:write') && html`<button type="button" class="button" onClick=${() => setOpen('plan')}><${Icon} name="calendar-check" />${t('plan.make')}</button>`}
      ${may('activities:write') && html`<button type="button" class="button primary" onClick=${() => setOpen('log')}><${Icon} name="plus" />${t('activity.log')}</button>`}
    <//>
    <${Filters}>
      <${Pick} name="kind" label=${t('field.kind')} choices=${worded('kind', KINDS)} />
      ${several && html`<${PickFrom} name="owner_id" label=${t('field.owner_id')} path="/users" />`}
    <//>
    <div class="grid">
      <section class="card"><h2>${t('home.overdue')}</h2><${Loaded} of=${overdue}>${() => html`<${Plans} items=${overdue.items} more=${overdue.more} done=${reload} none=${t('home.nothing-late')} />`}<//></section>
      <section class="card"><h2>${t('plan.next')}</h2><${Loaded} of=${next}>${() => html`<${Plans} items=${next.items.filter((/** @type {any} */ plan) => !late.has(plan.id))} more=${next.more} done=${reload} />`}<//></section>
    </div>
    <h2 class="part-title">${t('activity.done')}</h2>
    <${ListTable} list=${done} caption=${t('activity.done')}
      empty=${html`<${NothingHere} filtered=${Boolean(kind || owner)} title=${t('activity.none')} hint=${t('activity.none-hint')} clear=${() => filter({ kind: '', owner_id: '' })} />`}
      columns=${COLUMNS()} />
    ${open === 'log' && html`<${LogActivity} about=${{}} close=${close} done=${reload} />`}
    ${open === 'plan' && html`<${MakePlan} about=${{}} close=${close} done=${reload} />`}
  <//>`
}

/** @returns {import('../parts/table.js').Column[]} */
const COLUMNS = () => [
  { key: 'summary', label: t('field.summary'), main: true, show: (act) => act.summary },
  { key: 'kind', label: t('field.kind'), show: (act) => html`<${Badge} of="kind" value=${act.kind} />` },
  { key: 'about', label: t('field.about'), show: (act) => html`<${Subject} of=${act} />` },
  { key: 'owner', label: t('field.owner_id'), show: (act) => html`<${Name} id=${act.owner_id} />` },
  { key: 'at', label: t('field.started_at'), show: (act) => html`<time dateTime=${act.started_at}>${time(act.started_at)}</time>` },
  { key: 'minutes', label: t('field.minutes'), number: true, show: (act) => t('activity.minutes', { count: act.minutes }) },
]
