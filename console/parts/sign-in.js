/** Coming in: the first page of everybody, and the way back for whose session ended in mid-work. */
import { BASE, Offline, Problem } from '../api.js'
import { locale, t } from '../i18n.js'
import { signIn } from '../session.js'
import { html, useEffect, useRef, useState } from '../ui.js'
import { Icon } from './basics.js'
import { Form } from './form.js'
import { Preferences } from './preferences.js'

/** While a demo company is being loaded, ask for its people after this. */
const AGAIN_MS = 2_000

/** @param {{username?: string, password?: string, welcome: () => Promise<void>}} props */
export function SignInForm({ username = '', password = '', welcome }) {
  const save = async (/** @type {any} */ given) => {
    let answer
    try {
      answer = await signIn(given.username ?? '', given.password ?? '', locale.value)
    } catch {
      throw new Offline()
    }
    if (!answer.ok) throw new Problem(answer.status, await answer.json().catch(() => ({})))
    await welcome()
  }
  const fields = [
    { name: 'username', required: true, autocomplete: 'username' },
    { name: 'password', kind: /** @type {const} */ ('password'), required: true, autocomplete: 'current-password' },
  ]
  return html`<${Form} key=${username} fields=${fields} values=${{ username, password }} save=${save} submit=${t('session.sign-in')} />`
}

/** @param {{welcome: () => Promise<void>}} props */
export function SignIn({ welcome }) {
  const [offered, setOffered] = useState(/** @type {any[]} */ ([]))
  const [coming, setComing] = useState(false)
  const [chosen, setChosen] = useState({ username: '', password: '' })
  const card = useRef(/** @type {HTMLElement | null} */ (null))
  useEffect(() => { document.title = `${t('session.sign-in')} · ${t('product.name')}` }, [locale.value])
  useEffect(() => { card.current?.querySelector('input')?.focus({ preventScroll: true }) }, [])
  useEffect(() => { if (chosen.username) card.current?.querySelector('form')?.requestSubmit() }, [chosen])
  useEffect(() => {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer
    const ask = async () => {
      const answer = await fetch(`${BASE}/demo-sign-ins`)
      const found = answer.ok ? await answer.json() : { items: [], loading: false }
      setOffered(found.items)
      setComing(found.loading)
      if (found.loading) timer = setTimeout(() => ask().catch(() => {}), AGAIN_MS)
    }
    ask().catch(() => {})
    return () => clearTimeout(timer)
  }, [])
  return html`<main class="entrance">
    <section class="entrance-card" ref=${card}>
      <p class="brand"><img src="/console/style/icon.svg" alt="" width="36" height="36" /> ${t('product.name')}</p>
      <h1>${t('session.welcome')}</h1>
      <${SignInForm} ...${chosen} welcome=${welcome} />
      <div class="entrance-foot"><${Preferences} /></div>
    </section>
    ${(coming || offered.length > 0) && html`<section class="entrance-demo" aria-labelledby="demo">
      <h2 id="demo">${t('demo.title')}</h2><p class="quiet" role="status">${t(coming ? 'demo.loading' : 'demo.hint')}</p>
      <ul>${offered.map((person) => html`<li key=${person.username}>
        <button type="button" class="demo-person" onClick=${() => setChosen({ ...person })}>
          <${Icon} name="user" /><span><strong>${person.name}</strong> · ${t(`role.${person.role}`)}</span>
          <span class="quiet">${person.unit}</span></button></li>`)}</ul>
    </section>`}
  </main>`
}
