/** Making and changing things in a dialog; two people changing the same thing settle it field by field. */
import { get, patch, post, Problem } from '../api.js'
import { day, money, time } from '../format.js'
import { t } from '../i18n.js'
import { useCatalogue } from '../names.js'
import { html, useState } from '../ui.js'
import { Icon, Name, saying } from './basics.js'
import { Dialog } from './dialog.js'
import { Form, labelOf } from './form.js'
import { tell } from './toasts.js'

/** @typedef {import('./form.js').Field} Field */

/** Make a thing at `path`. Fields left empty are not sent.
 * @param {{title: string, path: string, fields: Field[], values?: Record<string, any>, submit?: string,
 *   shape?: (values: any) => any, done: (made: any) => void, close: () => void, children?: any}} props */
export function Make({ title, path, fields, values, submit, shape = (given) => given, done, close, children }) {
  const save = async (/** @type {any} */ given) => {
    const named = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null))
    const made = await post(path, shape(named))
    tell(t('said.saved'))
    close()
    done(made)
  }
  return html`<${Dialog} title=${title} close=${close}>
    <${Form} fields=${fields} values=${values} save=${save} submit=${submit ?? t('action.save')} cancel=${close}>${children}<//>
  <//>`
}

/** Change the thing at `path`, of which `row` was read; only what was changed is sent.
 * @param {{title: string, path: string, row: any, fields: Field[], done: (changed: any) => void, close: () => void}} props */
export function Edit({ title, path, row, fields, done, close }) {
  const [base, setBase] = useState(row)
  const [conflict, setConflict] = useState(/** @type {{theirs: any, mine: Record<string, any>, names: string[]} | null} */ (null))
  const send = async (/** @type {Record<string, any>} */ changes, /** @type {any} */ from) => {
    try {
      const changed = Object.keys(changes).length ? await patch(path, changes, from.version) : from
      tell(t('said.saved'))
      close()
      done(changed)
    } catch (error) {
      if (!(error instanceof Problem && error.status === 412)) throw error
      const theirs = await get(path)
      const names = Object.keys(changes).filter((name) => !same(theirs[name], from[name]) && !same(theirs[name], changes[name]))
      setBase(theirs)
      if (names.length) setConflict({ theirs, mine: changes, names })
      else await send(changes, theirs)
    }
  }
  const save = (/** @type {any} */ given) => send(differing(given, base), base)
  if (conflict) return html`<${Conflict} ...${{ ...conflict, fields, close, settle: (/** @type {any} */ changes) => send(changes, base) }} />`
  return html`<${Dialog} title=${title} close=${close}>
    <${Form} fields=${fields} values=${base} save=${save} submit=${t('action.save')} cancel=${close} />
  <//>`
}

/** `names`: what both have changed. @param {{theirs: any, mine: Record<string, any>, names: string[], fields: Field[], close: () => void,
 *   settle: (changes: any) => Promise<void>}} props */
function Conflict({ theirs, mine, names, fields, close, settle }) {
  const clashing = fields.filter(({ name }) => names.includes(name))
  const [refused, setRefused] = useState('')
  const settled = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault()
    const chosen = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget))
    try {
      await settle(Object.fromEntries(Object.entries(mine).filter(([name]) => chosen.get(name) !== 'theirs')))
    } catch (error) {
      setRefused(saying(error))
    }
  }
  return html`<${Dialog} title=${t('conflict.title')} close=${close} wide>
    <p class="quiet">${t('conflict.hint')}</p>
    <form class="form" onSubmit=${settled}>
      ${clashing.map((field) => html`<fieldset class="clash" key=${field.name}><legend>${labelOf(field)}</legend>
        ${[['mine', mine[field.name]], ['theirs', theirs[field.name]]].map(([whose, value]) => html`<label>
          <input type="radio" name=${field.name} value=${whose} defaultChecked=${whose === 'mine'} />
          <span class="quiet">${t(`conflict.${whose}`)}</span><strong><${Written} field=${field} value=${value} /></strong></label>`)}
      </fieldset>`)}
      ${refused && html`<p class="error" role="alert"><${Icon} name="circle-alert" />${refused}</p>`}
      <footer class="form-foot">
        <button type="button" class="button" onClick=${close}>${t('action.cancel')}</button>
        <button type="submit" class="button primary">${t('action.save')}</button>
      </footer>
    </form>
  <//>`
}

/** @param {Record<string, any>} given @param {any} base */
function differing(given, base) {
  return Object.fromEntries(Object.entries(given).filter(([name, value]) => !same(value, base[name])))
}

/** @param {any} one @param {any} other */
function same(one, other) {
  return JSON.stringify(plain(one)) === JSON.stringify(plain(other))
}

/** Money and moments written in one way, so that only what differs in meaning differs. @param {any} value */
function plain(value) {
  if (value?.amount) return [Number(value.amount), value.currency]
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)) return new Date(value).getTime()
  return Array.isArray(value) && typeof value[0] !== 'object' ? [...value].sort() : (value ?? null)
}

/** A value as it is read, not as it is sent. @param {{field: Field, value: any}} props */
function Written({ field, value }) {
  const named = useCatalogue(field.kind === 'source' ? '/sources' : '/products')
  if (value == null || value === '') return '–'
  if (field.write) return field.write(value)
  switch (field.kind) {
    case 'money': return money(value)
    case 'day': return day(value)
    case 'moment': return time(value)
    case 'yes': return t(value ? 'field.yes' : 'field.no')
    case 'user': case 'unit': return html`<${Name} id=${value} />`
    case 'source': case 'product': return named.find(({ id }) => id === value)?.name ?? '…'
    default: return field.choices?.find(([key]) => key === value)?.[1] ?? String(value)
  }
}
