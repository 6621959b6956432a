import { follow } from './live.ts'

/** What scripts add to the pages, which work without: keys, a crosshair, and numbers that renew themselves. */

const RENEW_MS = 15_000
const SCROLL = 'skerry-scroll'

restoreScroll()
const zone = document.querySelector<HTMLInputElement>('[data-zone]')
if (zone) zone.value = new Intl.DateTimeFormat().resolvedOptions().timeZone
document.addEventListener('click', onClick)
document.addEventListener('keydown', onKey)
for (const plot of document.querySelectorAll<SVGSVGElement>('svg.plot')) crosshair(plot)
const live = document.querySelector<HTMLElement>('[data-live]')
if (live) follow(live)
const waiting = document.querySelector('[data-waiting]')
const current = document.querySelector('[data-current]')
if (waiting || current) setInterval(() => void renew().catch(() => {}), waiting ? 2_000 : RENEW_MS)

/** Choices within a page leave it where it is. */
function restoreScroll(): void {
  const y = sessionStorage.getItem(SCROLL)
  sessionStorage.removeItem(SCROLL)
  if (y !== null) scrollTo({ top: Number(y), behavior: 'instant' })
}

function onClick(event: MouseEvent): void {
  const target = event.target as Element
  if (target.closest('a[data-keep]')) sessionStorage.setItem(SCROLL, String(scrollY))
  closeMenus(target.closest('details.menu'))
}

/** Closes all menus but one, and says whether there was any. */
function closeMenus(but: Element | null): boolean {
  const open = [...document.querySelectorAll<HTMLDetailsElement>('details.menu[open]')].filter(
    (menu) => menu !== but,
  )
  for (const menu of open) {
    if (menu.contains(document.activeElement)) menu.querySelector('summary')?.focus()
    menu.open = false
  }
  return open.length > 0
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
  if (event.key === 'Escape' && closeMenus(null)) return
  const target = event.target as Element
  if (document.documentElement.dataset.keys === 'off' || target.closest('input, select, textarea')) return
  if (event.key === '/') {
    event.preventDefault()
    openFilter()
    return
  }
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  document.querySelector<HTMLAnchorElement>(`a[data-key="${CSS.escape(key)}"]`)?.click()
}

function openFilter(): void {
  const form = document.querySelector<HTMLDetailsElement>('#filter')
  if (!form) return
  form.open = true
  form.querySelector('select')?.focus()
}

/** Tells the point under the pointer, or the one that the arrow keys have come to. */
function crosshair(plot: SVGSVGElement): void {
  const hits = [...plot.querySelectorAll('.hit')]
  if (hits.length === 0) return
  const words = hits.map((hit) => hit.textContent ?? '')
  const tip = document.createElement('div')
  let at = -1
  tip.className = 'tip'
  tip.hidden = true
  tip.setAttribute('role', 'status')
  document.body.append(tip)
  for (const hit of hits) hit.replaceChildren()

  function show(next: number): void {
    hits[at]?.classList.remove('on')
    at = next
    const hit = hits[at]
    tip.hidden = hit === undefined
    if (!hit) return
    hit.classList.add('on')
    tip.textContent = words[at] ?? ''
    const box = hit.getBoundingClientRect()
    const left = Math.min(box.right + 8, innerWidth - tip.offsetWidth - 8)
    tip.style.left = `${Math.max(8, left)}px`
    tip.style.top = `${box.top + 8}px`
  }

  plot.tabIndex = 0
  plot.addEventListener('pointermove', (event) => show(hits.indexOf(event.target as Element)))
  plot.addEventListener('pointerleave', () => show(-1))
  plot.addEventListener('blur', () => show(-1))
  plot.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    show(Math.min(hits.length - 1, Math.max(0, at + step)))
  })
}

/** Asks for the current visitors; where nothing had come yet, the page itself is asked for once something has. */
async function renew(): Promise<void> {
  if (document.hidden) return
  const url = new URL(location.href)
  url.searchParams.set('part', 'current')
  const response = await fetch(url)
  if (response.status !== 200) return
  if (waiting) location.reload()
  else if (current) current.textContent = await response.text()
}
