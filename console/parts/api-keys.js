/** The reader's API keys: made for programs that act as he does, shown once, revoked. */
import { remove } from '../api.js'
import { ago, time } from '../format.js'
import { t } from '../i18n.js'
import { useList } from '../resource.js'
import { session } from '../session.js'
import { html, useState } from '../ui.js'
import { Empty, Icon } from './basics.js'
import { Confirm } from './confirm.js'
import { Dialog } from './dialog.js'
import { Make } from './editing.js'
import { ListTable } from './table.js'

/** @typedef {{id: string, name: string, prefix: string, scopes: string[] | null}} Key */

export function ApiKeys() {
  const list = useList('/api-keys', {})
  const [making, setMaking] = useState(false)
  const [made, setMade] = useState('')
  const [leaving, setLeaving] = useState(/** @type {Key | null} */ (null))
  const revoke = async () => {
    await remove(`/api-keys/${leaving?.id}`)
    await list.reload()
  }
  const kept = (/** @type {{key: string}} */ answer) => {
    setMade(answer.key)
    list.reload()
  }
  return html`<section class="card" aria-labelledby="keys"><h2 id="keys">${t('key.title')}
      <button type="button" class="button" onClick=${() => setMaking(true)}><${Icon} name="plus" />${t('key.add')}</button></h2>
    <${ListTable} list=${list} caption=${t('key.title')} columns=${columns(setLeaving)} empty=${html`<${Empty} title=${t('key.none')} hint=${t('key.none-hint')} />`} />
    ${making && html`<${Make} title=${t('key.add')} path="/api-keys" fields=${fields()} values=${{ days: 365 }} shape=${shape} done=${kept} close=${() => setMaking(false)} />`}
    ${made && html`<${Dialog} title=${t('key.made')}><p>${t('key.made-hint')}</p><p class="code secret">${made}</p>
      <footer class="form-foot"><button type="button" class="button primary" onClick=${() => setMade('')}>${t('key.kept')}</button></footer><//>`}
    ${leaving && html`<${Confirm} title=${t('key.revoke-named', { name: leaving.name })} hint=${t('key.revoke-hint')} action=${t('key.revoke')} danger act=${revoke} close=${() => setLeaving(null)} />`}
  </section>`
}

/** A key with nothing chosen may all that its owner may. @param {any} given */
function shape({ scopes, ...given }) {
  return scopes.length ? { ...given, scopes } : given
}

/** @returns {import('./form.js').Field[]} */
const fields = () => [
  { name: 'name', required: true },
  { name: 'days', kind: 'number', required: true, label: t('key.days') },
  { name: 'scopes', kind: 'choice', many: true, label: t('key.scopes'), hint: t('key.scopes-hint'), choices: (session.me.value?.permissions ?? []).map((name) => [name, name]) },
]

/** @param {(key: Key) => void} leave @returns {import('./table.js').Column[]} */
const columns = (leave) => [
  { key: 'name', label: t('field.name'), main: true, show: (key) => key.name },
  { key: 'prefix', label: t('key.prefix'), show: (key) => html`<span class="code">${key.prefix ? `${key.prefix}…` : '–'}</span>` },
  { key: 'scopes', label: t('key.scopes'), show: (key) => (key.scopes ? html`<span class="code">${key.scopes.join(' ')}</span>` : t('key.unlimited')) },
  { key: 'expires', label: t('key.expires'), show: (key) => time(key.expires_at) },
  { key: 'used', label: t('security.last-used'), show: (key) => (key.last_used_at ? ago(key.last_used_at) : t('key.never')) },
  { key: 'actions', label: t('action.actions'), show: (key) => html`<button type="button" class="link" onClick=${() => leave(key)}>${t('key.revoke')}<span class="unseen"> ${key.name}</span></button>` },
]
