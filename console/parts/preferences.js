/** How this browser shows the console: its language, and light or dark. */
import { choose, locale, LOCALES, t } from '../i18n.js'
import { html, signal } from '../ui.js'
import { Icon } from './basics.js'

const KEPT = 'crm.theme'
const NEXT = { system: 'light', light: 'dark', dark: 'system' }
const ICONS = { system: 'monitor', light: 'sun', dark: 'moon' }

/** @typedef {'system' | 'light' | 'dark'} Theme */
const theme = signal(/** @type {Theme} */ (document.documentElement.dataset.theme ?? 'system'))

/** Whether the page is dark now, for what is painted and not styled. */
export function isDark() {
  return theme.value === 'dark' || (theme.value === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
}

function turn() {
  const next = /** @type {Theme} */ (NEXT[theme.value])
  theme.value = next
  if (next === 'system') {
    localStorage.removeItem(KEPT)
    delete document.documentElement.dataset.theme
  } else {
    localStorage.setItem(KEPT, next)
    document.documentElement.dataset.theme = next
  }
}

export function Preferences() {
  const other = LOCALES.find((name) => name !== locale.value) ?? 'en'
  return html`<span class="preferences">
    <button type="button" class="button quiet-button" lang=${other} onClick=${() => choose(other)}><${Icon} name="languages" />${t('preference.other-language')}</button>
    <button type="button" class="icon-button" onClick=${turn} aria-label=${t(`preference.${theme.value}`)} title=${t(`preference.${theme.value}`)}>
      <${Icon} name=${ICONS[theme.value]} /></button>
  </span>`
}
