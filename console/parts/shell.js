/** The frame round every page: where one can go, who one is, and whether what is shown is live. */
import { Offline } from '../api.js'
import { t } from '../i18n.js'
import { liveness } from '../live.js'
import { path } from '../router.js'
import { may, session, signOut } from '../session.js'
import { html, useEffect, useRef, useState } from '../ui.js'
import { Icon, Name } from './basics.js'
import { Menu } from './menu.js'
import { Preferences } from './preferences.js'
import { complain } from './toasts.js'

/** @type {[string, string, string, string][]} address, word, icon, the permission it takes */
const PLACES = [
  ['/', 'home', 'house', ''],
  ['/leads', 'leads', 'inbox', 'leads:read'],
  ['/opportunities', 'opportunities', 'square-kanban', 'opportunities:read'],
  ['/customers', 'customers', 'building-2', 'customers:read'],
  ['/activities', 'activities', 'calendar-check', 'activities:read'],
  ['/dashboard', 'dashboard', 'chart-column', 'analytics:read'],
  ['/policies', 'policies', 'file-text', 'policies:read'],
  ['/units', 'units', 'network', 'organization:manage'],
  ['/users', 'users', 'users', 'organization:manage'],
  ['/departures', 'departures', 'handshake', 'handovers:read'],
  ['/operations', 'operations', 'activity', 'events:operate'],
  ['/audit', 'audit', 'history', 'audit:read'],
]

/** @param {{children: any}} props */
export function Shell({ children }) {
  const places = PLACES.filter(([, , , permission]) => !permission || may(permission))
  return html`<a class="skip" href="#main">${t('action.skip')}</a>
    <div class="shell">
      <nav class="sidebar" aria-label=${t('nav.main')}>
        <a class="brand" href="/"><img src="/console/style/icon.svg" alt="" width="28" height="28" /><span>${t('product.name')}</span></a>
        <ul>${places.map(([href, name, icon]) => html`<li key=${href}><${Place} href=${href} name=${name} icon=${icon} /></li>`)}</ul>
      </nav>
      <div class="content"><${TopBar} />${children}</div>
    </div>`
}

/** @param {{href: string, name: string, icon: string}} props */
function Place({ href, name, icon }) {
  const here = href === '/' ? path.value === '/' : path.value.startsWith(href)
  const link = useRef(/** @type {HTMLElement | null} */ (null))
  useEffect(() => { if (here && link.current) show(link.current) }, [here])
  return html`<a href=${href} ref=${link} class="place" aria-current=${here ? 'page' : undefined}><${Icon} name=${icon} /><span>${t(`nav.${name}`)}</span></a>`
}

/** On a phone the places stand in a row that may be longer than it is wide. @param {HTMLElement} place */
function show(place) {
  const row = /** @type {HTMLElement} */ (place.closest('.sidebar'))
  row.scrollLeft = place.offsetLeft - (row.clientWidth - place.offsetWidth) / 2
}

function TopBar() {
  const online = useOnline()
  const me = session.me.value
  const state = online ? liveness.value : 'offline'
  return html`<div class="topbar">
    <span class="liveness" data-state=${state} role="status"><span class="dot" aria-hidden="true"></span>${t(`live.${state}`)}</span>
    <span class="spacer"></span>
    <${Preferences} />
    <${Menu} look="who" button=${html`<span class="face" aria-hidden="true">${[...(me?.name ?? '?')].slice(-2).join('')}</span><span class="who-name">${me?.name}</span>`}>
      <p class="quiet"><strong>${me?.name}</strong><br />${me?.roles.map((role) => t(`role.${role}`)).join(' · ')}<br />
        <${Name} id=${me?.memberships.find(({ primary }) => primary)?.unit_id} /></p>
      <a class="menu-entry" href="/security"><${Icon} name="user" />${t('nav.security')}</a>
      <a class="menu-entry" href="/api/docs"><${Icon} name="file-text" />${t('nav.api')}</a>
      <button type="button" class="menu-entry" onClick=${leave}><${Icon} name="log-out" />${t('session.sign-out')}</button>
    <//>
  </div>`
}

const leave = () => signOut().catch(() => complain(new Offline()))

/** Whether the browser thinks it has a network. */
function useOnline() {
  const [online, setOnline] = useState(navigator.onLine)
  useEffect(() => {
    const look = () => setOnline(navigator.onLine)
    window.addEventListener('online', look)
    window.addEventListener('offline', look)
    return () => {
      window.removeEventListener('online', look)
      window.removeEventListener('offline', look)
    }
  }, [])
  return online
}
