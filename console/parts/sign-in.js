/** Coming in: the first page of everybody, and the way back for whose session ended in mid-work. */
import { BASE, Offline, post, Problem } from '../api.js'
import { locale, t } from '../i18n.js'
import { answerAsked, asksFactor, signIn } from '../session.js'
import { html, useEffect, useRef, useState } from '../ui.js'
import { Icon } from './basics.js'
import { Dialog } from './dialog.js'
import { Form } from './form.js'
import { Preferences } from './preferences.js'

/** While a demo company is being loaded, ask for its people after this. */
const AGAIN_MS = 2_000

/** @param {{username?: string, password?: string, welcome: () => Promise<void>}} props */
export function SignInForm({ username = '', password = '', welcome }) {
  const [halfWay, setHalfWay] = useState(false)
  const form = useRef(/** @type {HTMLElement | null} */ (null))
  useEffect(() => { if (halfWay) /** @type {any} */ (form.current?.querySelector('input[name=totp]'))?.focus() }, [halfWay])
  const save = async (/** @type {any} */ given) => {
    let answer
    try {
      answer = await signIn(given.username ?? '', given.password ?? '', given.totp ?? undefined, locale.value)
    } catch {
      throw new Offline()
    }
    if (answer.ok) return welcome()
    const problem = await answer.json().catch(() => ({}))
    if (!asksFactor(problem)) throw new Problem(answer.status, problem)
    setHalfWay(true)
  }
  /** @type {import('./form.js').Field[]} */
  const fields = [
    { name: 'username', required: true, autocomplete: 'username' },
    { name: 'password', kind: 'password', required: true, autocomplete: 'current-password' },
  ]
  if (halfWay) fields.push(factor())
  return html`<div ref=${form}><${Form} key=${username} fields=${fields} values=${{ username, password }} save=${save} submit=${t('session.sign-in')} /></div>`
}

/** The field of the second factor. @returns {import('./form.js').Field} */
const factor = () => ({ name: 'totp', required: true, autocomplete: 'one-time-code', hint: t('factor.code-hint') })

/** Over the page: the second factor is asked for again, for what is grave. */
export function StepUp() {
  const save = async (/** @type {any} */ given) => answerAsked(await post('/session/step-up', { totp: given.totp ?? '' }))
  return html`<${Dialog} title=${t('factor.again')} close=${() => answerAsked()}>
    <p class="quiet">${t('factor.again-hint')}</p>
    <${Form} fields=${[factor()]} save=${save} submit=${t('factor.give')} cancel=${() => answerAsked()} /><//>`
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
