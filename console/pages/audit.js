/** Who did what, when and from where: searched, and taken out as a file. */
import { download } from '../api.js'
import { time } from '../format.js'
import { t } from '../i18n.js'
import { Heading, Icon, Name } from '../parts/basics.js'
import { Filters, Pick, PickDay, PickFrom, Search } from '../parts/filters.js'
import { PageFrame } from '../parts/page.js'
import { ListTable, NothingHere } from '../parts/table.js'
import { complain } from '../parts/toasts.js'
import { useList } from '../resource.js'
import { filter, query } from '../router.js'
import { html } from '../ui.js'

/** @typedef {{field: string, before: string | null, after: string | null}} Change */

/** What is put on record, in words. @returns {Record<string, string>} */
const acts = () => ({
  'sign-in.failed': t('act.sign-in-failed'),
  'sign-in.account-locked': t('act.sign-in-account-locked'),
  'sign-in.address-locked': t('act.sign-in-address-locked'),
  'password.changed': t('act.password-changed'),
  'password.set': t('act.password-set'),
  'second-factor.enrolled': t('act.second-factor-enrolled'),
  'second-factor.removed': t('act.second-factor-removed'),
  'recovery-code.used': t('act.recovery-code-used'),
  'session.ended': t('act.session-ended'),
  'session.token-reused': t('act.session-token-reused'),
  'api-key.created': t('act.api-key-created'),
  'api-key.revoked': t('act.api-key-revoked'),
  'keys.rotated': t('act.keys-rotated'),
  'user.created': t('act.user-created'),
  'user.changed': t('act.user-changed'),
  'user.disabled': t('act.user-disabled'),
  'unit.created': t('act.unit-created'),
  'unit.changed': t('act.unit-changed'),
  'unit.moved': t('act.unit-moved'),
  'unit.closed': t('act.unit-closed'),
  'policy.approved': t('act.policy-approved'),
  'policy.published': t('act.policy-published'),
  'policy.withdrawn': t('act.policy-withdrawn'),
  'policy.acknowledged': t('act.policy-acknowledged'),
  'handover.requested': t('act.handover-requested'),
  'event.requeued': t('act.event-requeued'),
  'event.discarded': t('act.event-discarded'),
  'replay.asked': t('act.replay-asked'),
  'bulk.written': t('act.bulk-written'),
  'audit.exported': t('act.audit-exported'),
})

export function Page() {
  const asked = filters()
  const list = useList('/audit', asked)
  const filtered = Object.values(asked).some(Boolean)
  const clear = () => filter({ q: '', action: '', actor_id: '', from: '', to: '' })
  return html`<${PageFrame} title=${t('nav.audit')} wide>
    <${Heading} title=${t('nav.audit')}>
      <button type="button" class="button" onClick=${() => take(asked)}><${Icon} name="file-text" />${t('audit.export')}</button>
    <//>
    <${Filters}>
      <${Search} placeholder=${t('audit.search')} />
      <${Pick} name="action" label=${t('audit.action')} choices=${Object.entries(acts())} />
      <${PickFrom} name="actor_id" label=${t('audit.actor')} path="/users" />
      <${PickDay} name="from" label=${t('audit.from')} />
      <${PickDay} name="to" label=${t('audit.to')} />
    <//>
    <${ListTable} list=${list} caption=${t('nav.audit')} columns=${columns()}
      empty=${html`<${NothingHere} filtered=${filtered} title=${t('audit.none')} hint=${t('audit.none-hint')} clear=${clear} />`} />
  <//>`
}

/** What the API is asked for; the last day is one of those meant. */
function filters() {
  const { q, action, actor_id: actor, from, to } = query.value
  return { q, action, actor_id: actor, from: from && midnight(from), to: to && midnight(to, 1) }
}

/** The beginning of a day, or of one some days later. @param {string} day @param {number} [later] */
function midnight(day, later = 0) {
  return new Date(Date.parse(`${day}T00:00:00+08:00`) + later * 86_400_000).toISOString()
}

/** @param {Record<string, string | undefined>} asked */
function take(asked) {
  const named = Object.entries(asked).flatMap(([name, value]) => (value ? [[name, value]] : []))
  return download(`/audit.csv?${new URLSearchParams(named)}`, 'audit.csv').catch(complain)
}

/** @returns {import('../parts/table.js').Column[]} */
const columns = () => [
  { key: 'at', label: t('audit.at'), show: (entry) => time(entry.at) },
  { key: 'action', label: t('audit.action'), main: true, show: (entry) => acts()[entry.action] ?? html`<span class="code">${entry.action}</span>` },
  { key: 'actor', label: t('audit.actor'), show: (entry) => (entry.actor_id ? html`<${Name} id=${entry.actor_id} />` : '–') },
  { key: 'subject', label: t('audit.subject'), show: (entry) => entry.subject_name ?? html`<span class="code">${entry.subject_id ?? entry.subject_kind}</span>` },
  { key: 'changes', label: t('audit.changes'), show: (entry) => html`<ul>${entry.changes.map((/** @type {Change} */ change) => html`<li key=${change.field}>
    <span class="code">${change.field} ${change.before ?? '–'} → ${change.after ?? '–'}</span></li>`)}</ul>` },
  { key: 'reason', label: t('audit.reason'), show: (entry) => entry.reason ?? '–' },
  { key: 'address', label: t('field.address'), show: (entry) => html`<span class="code">${entry.address ?? '–'}</span>` },
]
