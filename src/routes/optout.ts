import type { Layer } from '../context.ts'
import type { Reply } from '../reply.ts'

/** Only our own script runs here, and nobody may put the page into a frame to have it clicked. */
const HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'public, max-age=3600',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
}

/** The checkbox is made usable by `optout.js`, where the device lets a page keep something. */
const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Being counted</title>
<script defer src="optout.js"></script>
<h1>Being counted</h1>
<p><label><input type="checkbox" disabled data-skerry-optout> Count my visits to the site at this address, on this device</label>
<noscript><p>This switch needs JavaScript. Without JavaScript no visit is counted by the site's script either.</noscript>
<p>The choice is kept in this browser, for this address only: <b data-skerry-origin></b>. It does not hold for sites at other addresses, nor in other browsers.
<h2>What is counted</h2>
<p>Which page was opened, when, and from which site. How long it was read and how far. Links to other sites, downloads and forms that were used, and what else the site names. The kind of browser, system and device; the language; the country, and the region and city where known.
<h2>What is not kept</h2>
<p>No cookie, no address, no name of the device. Who comes is told by a number made of the address and the browser with a secret of the day; the secret is destroyed after two days, and then nobody can find out whose number it was.
`

/** Where a visitor says that he is not to be counted on the site that this host belongs to. */
export function optout(): Layer {
  return async function optout(): Promise<Reply> {
    return { status: 200, body: PAGE, headers: HEADERS }
  }
}
