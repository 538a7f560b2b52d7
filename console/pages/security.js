/** What guards the reader's own account: password, second factor, sessions, API keys. */
import { post, remove } from '../api.js'
import { ago, time } from '../format.js'
import { t } from '../i18n.js'
import { ApiKeys } from '../parts/api-keys.js'
import { Badge, Empty, Heading } from '../parts/basics.js'
import { Form } from '../parts/form.js'
import { PageFrame } from '../parts/page.js'
import { SecondFactor } from '../parts/second-factor.js'
import { ListTable } from '../parts/table.js'
import { complain, tell } from '../parts/toasts.js'
import { useList } from '../resource.js'
import { html, useState } from '../ui.js'

export function Page() {
  const sessions = useList('/sessions', {})
  return html`<${PageFrame} title=${t('nav.security')}>
    <${Heading} title=${t('nav.security')} />
    <div class="stack">
      <${Password} done=${sessions.reload} />
      <${SecondFactor} done=${sessions.reload} />
      <section class="card" aria-labelledby="sessions"><h2 id="sessions">${t('security.sessions')}</h2>
        <${ListTable} list=${sessions} caption=${t('security.sessions')} columns=${columns(sessions.reload)} empty=${html`<${Empty} title=${t('security.no-sessions')} />`} /></section>
      <${ApiKeys} />
    </div>
  <//>`
}

/** @param {{done: () => void}} props */
function Password({ done }) {
  const [turn, setTurn] = useState(0)
  const save = async (/** @type {any} */ given) => {
    await post('/me/password', { current: given.current ?? '', new: given.new ?? '' })
    tell(t('security.password-changed'))
    setTurn(turn + 1)
    done()
  }
  /** @type {import('../parts/form.js').Field[]} */
  const fields = [
    { name: 'current', kind: 'password', required: true, autocomplete: 'current-password', label: t('security.current-password') },
    { name: 'new', kind: 'password', required: true, autocomplete: 'new-password', label: t('security.new-password'), hint: t('security.password-hint') },
  ]
  return html`<section class="card" aria-labelledby="password"><h2 id="password">${t('field.password')}</h2>
    <${Form} key=${turn} fields=${fields} save=${save} submit=${t('security.change-password')} /></section>`
}

/** @param {() => Promise<any>} reload @returns {import('../parts/table.js').Column[]} */
const columns = (reload) => [
  { key: 'device', label: t('security.device'), main: true, show: (session) => html`<span class="code">${session.device || '–'}</span>` },
  { key: 'address', label: t('field.address'), show: (session) => html`<span class="code">${session.address || '–'}</span>` },
  { key: 'created', label: t('security.since'), show: (session) => time(session.created_at) },
  { key: 'used', label: t('security.last-used'), show: (session) => ago(session.last_used_at) },
  { key: 'actions', label: t('action.actions'), show: (session) => (session.current
    ? html`<${Badge} of="session-state" value="current" />`
    : html`<button type="button" class="link" onClick=${() => end(session.id, reload)}>${t('security.end-session')}<span class="unseen code"> ${session.device}</span></button>`) },
]

/** @param {string} id @param {() => Promise<any>} reload */
async function end(id, reload) {
  try {
    await remove(`/sessions/${id}`)
    tell(t('security.session-ended'))
  } catch (error) {
    complain(error)
  }
  await reload()
}
