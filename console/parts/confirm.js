/** Asking once more before what is not easily taken back. */
import { t } from '../i18n.js'
import { html, useState } from '../ui.js'
import { Icon, saying } from './basics.js'
import { Dialog } from './dialog.js'

/** @param {{title: string, hint: string, action: string, danger?: boolean, act: () => Promise<any>, close: () => void}} props */
export function Confirm({ title, hint, action, danger, act, close }) {
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState('')
  const go = async () => {
    if (busy) return
    setBusy(true)
    try {
      await act()
      close()
    } catch (error) {
      setRefused(saying(error))
      setBusy(false)
    }
  }
  return html`<${Dialog} title=${title} close=${close}><div class="form">
    <p>${hint}</p>
    ${refused && html`<p class="error" role="alert"><${Icon} name="circle-alert" />${refused}</p>`}
    <footer class="form-foot">
      <button type="button" class="button" onClick=${close}>${t('action.cancel')}</button>
      <button type="button" class=${danger ? 'button danger' : 'button primary'} aria-disabled=${busy} onClick=${go}>${action}</button>
    </footer></div><//>`
}
