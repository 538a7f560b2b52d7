/** A text as a picture that a phone reads; drawn here, so that a secret in it goes nowhere. */
import { encode } from '../vendor/uqr.js'
import { html } from '../ui.js'

const BORDER = 4

/** @param {{text: string, label: string}} props */
export function QrCode({ text, label }) {
  const { size, data } = encode(text, { ecc: 'M', border: BORDER })
  const dark = data.flatMap((row, y) => row.flatMap((on, x) => (on ? [`M${x} ${y}h1v1h-1z`] : [])))
  return html`<svg class="qr" role="img" aria-label=${label} viewBox=${`0 0 ${size} ${size}`} shape-rendering="crispEdges">
    <rect width=${size} height=${size} fill="#fff" /><path d=${dark.join('')} fill="#000" /></svg>`
}
