/** The console: which page is where, and who may come in. */
import { get } from './api.js'
import { locale, speak, t } from './i18n.js'
import { follow } from './live.js'
import { listen, path } from './router.js'
import { begin, may, renew, session } from './session.js'
import { Failure, Loading } from './parts/basics.js'
import { Dialog } from './parts/dialog.js'
import { Shell } from './parts/shell.js'
import { SignIn, SignInForm, StepUp } from './parts/sign-in.js'
import { Toasts } from './parts/toasts.js'
import { html, render, useEffect, useState } from './ui.js'

/** Address patterns and the modules of their pages, with the permission that not everybody has; each exports `Page`,
 * which gets what the pattern names.
 * @type {[RegExp, string, string?][]} */
const PAGES = [
  [/^\/$/, 'home'],
  [/^\/leads$/, 'leads'],
  [/^\/leads\/(?<id>[0-9a-f-]{36})$/, 'lead'],
  [/^\/opportunities$/, 'opportunities'],
  [/^\/opportunities\/(?<id>[0-9a-f-]{36})$/, 'opportunity'],
  [/^\/customers$/, 'customers'],
  [/^\/customers\/(?<id>[0-9a-f-]{36})$/, 'customer'],
  [/^\/activities$/, 'activities'],
  [/^\/dashboard$/, 'dashboard'],
  [/^\/policies$/, 'policies'],
  [/^\/policies\/(?<id>[0-9a-f-]{36})$/, 'policy'],
  [/^\/operations$/, 'operations', 'events:operate'],
  [/^\/units$/, 'units', 'organization:manage'],
  [/^\/users$/, 'users', 'organization:manage'],
  [/^\/departures$/, 'departures', 'handovers:read'],
  [/^\/audit$/, 'audit', 'audit:read'],
  [/^\/security$/, 'security'],
]

function Console() {
  const state = session.state.value
  if (state === 'starting') return html`<main class="alone"><${Loading} lines=${3} /></main>`
  if (state === 'out') return html`<${SignIn} welcome=${welcome} />`
  return html`<${Shell}><${Present} key=${locale.value} /><//><${Toasts} />
    ${session.asked.value && html`<${StepUp} />`}
    ${state === 'ended' && html`<${Dialog} title=${t('session.ended')}><p class="quiet">${t('session.ended-hint')}</p>
      <${SignInForm} username=${session.me.value?.username ?? ''} welcome=${welcome} /><//>`}`
}

/** The page of the present address. */
function Present() {
  const [shown, setShown] = useState(/** @type {{at: string, Page?: any, given?: any, error?: any}} */ ({ at: '' }))
  const at = path.value
  useEffect(() => {
    let here = true
    open(at).then((found) => here && setShown({ at, ...found }), (error) => here && setShown({ at, error }))
    return () => { here = false }
  }, [at])
  if (shown.error) return html`<main id="main" class="page"><${Failure} error=${shown.error} retry=${() => location.reload()} /></main>`
  if (!shown.Page) return html`<main id="main" class="page"><${Loading} /></main>`
  return html`<${shown.Page} key=${shown.at} ...${shown.given} />`
}

/** @param {string} at @returns {{name: string, permission?: string, given: Record<string, string>}} */
function pageAt(at) {
  for (const [pattern, name, permission] of PAGES) {
    const found = at.match(pattern)
    if (found) return { name, permission, given: { ...found.groups } }
  }
  return { name: 'nowhere', given: {} }
}

/** @param {string} at */
async function open(at) {
  const { name, permission, given } = pageAt(at)
  const shown = !permission || may(permission) ? name : 'nowhere'
  return { Page: (await import(`./pages/${shown}.js`)).Page, given }
}

/** Let in whoever has just signed in. */
async function welcome() {
  begin(await get('/me'))
}

/** Everything that is needed anyhow is asked for at once: the words, the session, the modules of the page. */
async function start() {
  listen()
  const renewed = renew()
  renewed.catch(() => {})
  import(`./pages/${pageAt(path.value).name}.js`).catch(() => {})
  await speak(locale.value)
  render(html`<${Console} />`, /** @type {Element} */ (document.getElementById('app')))
  try {
    if (await renewed) await welcome()
  } catch {
    session.state.value = 'out'
  }
}

session.state.subscribe((state) => {
  if (state === 'in') follow()
})
start()
