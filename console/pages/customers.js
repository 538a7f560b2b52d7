/** Customers: found by two characters, added once. */
import { ago, time } from '../format.js'
import { t } from '../i18n.js'
import { Badge, Heading, Icon, Name } from '../parts/basics.js'
import { Make } from '../parts/editing.js'
import { Filters, Pick, PickFrom, Search, worded } from '../parts/filters.js'
import { PageFrame } from '../parts/page.js'
import { ListTable, NothingHere } from '../parts/table.js'
import { useList } from '../resource.js'
import { filter, go, query } from '../router.js'
import { may, seesOthers } from '../session.js'
import { html, useState } from '../ui.js'

const LIFECYCLES = ['unidentified', 'potential', 'opportunity', 'ordering', 'user']
const NO_FILTERS = { q: '', lifecycle: '', kind: '', owner_id: '', unit_id: '' }

export function Page() {
  const { q, lifecycle, kind, owner_id: owner, unit_id: unit } = query.value
  const [adding, setAdding] = useState(false)
  const several = seesOthers()
  const list = useList('/customers', { q, lifecycle, kind, owner_id: owner, unit_id: unit, sort: '-updated_at' }, { about: ['crm.customer.'] })
  const add = () => setAdding(true)
  return html`<${PageFrame} title=${t('nav.customers')}>
    <${Heading} title=${t('nav.customers')}>
      ${may('customers:write') && html`<button type="button" class="button primary" onClick=${add}><${Icon} name="plus" />${t('customer.add')}</button>`}
    <//>
    <${Filters}>
      <${Search} placeholder=${t('customer.search')} />
      <${Pick} name="lifecycle" label=${t('field.lifecycle')} choices=${worded('lifecycle', LIFECYCLES)} />
      <${Pick} name="kind" label=${t('field.customer-kind')} choices=${worded('customer-kind', ['company', 'person'])} />
      ${several && html`<${PickFrom} name="owner_id" label=${t('field.owner_id')} path="/users" /><${PickFrom} name="unit_id" label=${t('field.unit_id')} path="/units" />`}
    <//>
    <${ListTable} list=${list} caption=${t('nav.customers')} href=${(/** @type {any} */ customer) => `/customers/${customer.id}`} columns=${COLUMNS()}
      empty=${html`<${NothingHere} filtered=${Boolean(q || lifecycle || kind || owner || unit)} title=${t('customer.none')} hint=${t('customer.none-hint')} clear=${() => filter(NO_FILTERS)} />`} />
    ${adding && html`<${Make} title=${t('customer.add')} path="/customers" fields=${customerFields()} values=${{ kind: 'company', class: 'ordinary' }} close=${() => setAdding(false)}
      done=${(/** @type {any} */ made) => go(`/customers/${made.id}`)} />`}
  <//>`
}

/** @returns {import('../parts/table.js').Column[]} */
const COLUMNS = () => [
  { key: 'name', label: t('field.customer-name'), main: true, show: (customer) => customer.name },
  { key: 'lifecycle', label: t('field.lifecycle'), show: (customer) => html`<${Badge} of="lifecycle" value=${customer.lifecycle} />` },
  { key: 'class', label: t('field.class'), show: (customer) => html`<${Badge} of="class" value=${customer.class} />` },
  { key: 'industry', label: t('field.industry'), show: (customer) => customer.industry ?? '–' },
  { key: 'region', label: t('field.region'), show: (customer) => customer.region ?? '–' },
  { key: 'owner', label: t('field.owner_id'), show: (customer) => html`<${Name} id=${customer.owner_id} />` },
  { key: 'updated', label: t('field.updated_at'), show: (customer) => html`<time dateTime=${customer.updated_at} title=${time(customer.updated_at)}>${ago(customer.updated_at)}</time>` },
]

/** @returns {import('../parts/form.js').Field[]} */
export const customerFields = () => [
  { name: 'name', required: true, label: t('field.customer-name') },
  { name: 'kind', kind: 'choice', choices: worded('customer-kind', ['company', 'person']), required: true, label: t('field.customer-kind') },
  { name: 'class', kind: 'choice', choices: worded('class', ['key', 'ordinary']), required: true },
  { name: 'credit_code', hint: t('customer.credit-code-hint') },
  { name: 'industry' },
  { name: 'region' },
  { name: 'source_id', kind: 'source' },
]
