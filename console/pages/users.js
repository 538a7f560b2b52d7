/** The people who sign in: where they work and as what, whether they may come in, and their passwords. */
import { get, patch } from '../api.js'
import { t } from '../i18n.js'
import { Badge, Heading, Icon, Name } from '../parts/basics.js'
import { Confirm } from '../parts/confirm.js'
import { Departure } from '../parts/departure.js'
import { Dialog } from '../parts/dialog.js'
import { Edit, Make } from '../parts/editing.js'
import { Filters, PickFrom, Search, worded } from '../parts/filters.js'
import { Form } from '../parts/form.js'
import { Memberships } from '../parts/memberships.js'
import { PageFrame } from '../parts/page.js'
import { ListTable, NothingHere } from '../parts/table.js'
import { tell } from '../parts/toasts.js'
import { nameOf } from '../names.js'
import { useList } from '../resource.js'
import { filter, query } from '../router.js'
import { session } from '../session.js'
import { html, useState } from '../ui.js'

/** @typedef {import('../parts/memberships.js').Membership} Membership
 * @typedef {import('../parts/form.js').Field} Field
 * @typedef {{id: string, username: string, name: string, active: boolean, version: number, memberships: Membership[]}} User
 * @typedef {'add' | 'edit' | 'password' | 'depart' | 'active'} Doing */

export function Page() {
  const { q, unit_id: unit } = query.value
  const list = useList('/users', { q, unit_id: unit, sort: 'username' }, { about: ['crm.organization.user.'] })
  const [open, setOpen] = useState(/** @type {{what: Doing, user?: User} | null} */ (null))
  return html`<${PageFrame} title=${t('nav.users')}>
    <${Heading} title=${t('nav.users')}>
      <button type="button" class="button primary" onClick=${() => setOpen({ what: 'add' })}><${Icon} name="user-plus" />${t('user.add')}</button>
    <//>
    <${Filters}>
      <${Search} placeholder=${t('user.search')} />
      <${PickFrom} name="unit_id" label=${t('field.unit_id')} path="/units" />
    <//>
    <${ListTable} list=${list} caption=${t('nav.users')} columns=${columns(setOpen)}
      empty=${html`<${NothingHere} filtered=${Boolean(q || unit)} title=${t('user.none')} hint=${t('user.none-hint')} clear=${() => filter({ q: '', unit_id: '' })} />`} />
    ${open && html`<${Doing} ...${open} done=${list.reload} close=${() => setOpen(null)} />`}
  <//>`
}

/** @param {(asked: {what: Doing, user: User}) => void} open @returns {import('../parts/table.js').Column[]} */
const columns = (open) => [
  { key: 'name', label: t('field.person-name'), main: true, show: (user) => user.name },
  { key: 'username', label: t('field.username'), show: (user) => user.username },
  { key: 'memberships', label: t('field.memberships'), show: (user) => html`<ul>${user.memberships.map((/** @type {Membership} */ held) => html`<li key=${held.unit_id}>
    <${Name} id=${held.unit_id} /> <span class="quiet">${t(`role.${held.role}`)}</span></li>`)}</ul>` },
  { key: 'state', label: t('field.state'), show: (user) => html`<${Badge} of="user-state" value=${user.active ? 'active' : 'inactive'} />` },
  { key: 'actions', label: t('action.actions'), show: (user) => html`<span class="actions">${doings(user).map(([what, word]) => html`<button type="button" key=${what}
    class="link" onClick=${() => open({ what, user })}>${word}<span class="unseen"> ${user.name}</span></button>`)}</span>` },
]

/** What may be done to `user`; nobody shuts himself out. @param {User} user @returns {[Doing, string][]} */
function doings(user) {
  /** @type {[Doing, string][]} */
  const found = [['edit', t('action.edit')], ['password', t('user.set-password')]]
  if (user.id === session.me.value?.id) return found
  return user.active ? [...found, ['depart', t('user.depart')], ['active', t('user.deactivate')]] : [...found, ['active', t('user.activate')]]
}

/** @param {{what: Doing, user: User, done: () => Promise<any>, close: () => void}} props */
function Doing({ what, user, done, close }) {
  if (what === 'add') {
    const fields = [/** @type {Field} */ ({ name: 'username', required: true }), ...person(), password(t('user.password-later'))]
    return html`<${Make} title=${t('user.add')} path="/users" fields=${[...fields, memberships]} values=${{ locale: 'zh-CN' }} done=${done} close=${close} />`
  }
  if (what === 'edit') return html`<${Edit} title=${user.name} path=${`/users/${user.id}`} row=${user} fields=${[...person(), memberships]} done=${done} close=${close} />`
  if (what === 'password') return html`<${SetPassword} user=${user} close=${close} />`
  if (what === 'depart') return html`<${Departure} user=${user} done=${done} close=${close} />`
  const change = async () => {
    await patch(`/users/${user.id}`, { active: !user.active }, user.version)
    tell(t('said.saved'))
    await done()
  }
  return user.active
    ? html`<${Confirm} title=${t('user.deactivate-named', { name: user.name })} hint=${t('user.deactivate-hint')} action=${t('user.deactivate')} danger act=${change} close=${close} />`
    : html`<${Confirm} title=${t('user.activate-named', { name: user.name })} hint=${t('user.activate-hint')} action=${t('user.activate')} act=${change} close=${close} />`
}

/** @returns {Field[]} */
const person = () => [
  { name: 'name', required: true, label: t('field.person-name') },
  { name: 'email', kind: 'email' },
  { name: 'locale', kind: 'choice', required: true, choices: worded('language', ['zh-CN', 'en']) },
]

/** @param {string} hint @returns {Field} */
const password = (hint) => ({ name: 'password', kind: 'password', autocomplete: 'new-password', hint })

/** @type {Field} */
const memberships = {
  name: 'memberships',
  part: Memberships,
  write: (/** @type {Membership[]} */ held) => held.map(({ unit_id: unit, role }) => `${nameOf(unit)} ${t(`role.${role}`)}`).join(' · '),
}

/** @param {{user: User, close: () => void}} props */
function SetPassword({ user, close }) {
  const path = `/users/${user.id}`
  /** Nobody's change is lost by a new password, so that it needs no version that was seen. */
  const save = async (/** @type {any} */ given) => {
    await patch(path, { password: given.password ?? '' }, (await get(path)).version)
    tell(t('said.saved'))
    close()
  }
  return html`<${Dialog} title=${t('user.password-of', { name: user.name })} close=${close}>
    <${Form} fields=${[{ ...password(t('user.password-hint')), required: true }]} save=${save} submit=${t('action.save')} cancel=${close} />
  <//>`
}
