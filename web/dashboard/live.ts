/** A feed of events: follows the server while the page is seen, and goes on where it was. */

const MOST_ROWS = 50
const AGAIN_MS = 5_000
const RENEW_MS = 10_000

type Row = Readonly<Record<string, unknown>>

const clock = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: 'medium' })

export function follow(feed: HTMLElement): void {
  const list = feed.querySelector('ol')
  const state = feed.querySelector('[role=status]')
  const button = feed.querySelector('button')
  if (!list || !state || !button) return
  let source: EventSource | undefined
  let place = ''
  let isPaused = false
  let timer = 0

  function say(what: string): void {
    const text = feed.dataset[what] ?? ''
    if (state && state.textContent !== text) state.textContent = text
  }

  function open(): void {
    clearTimeout(timer)
    if (source || isPaused || document.hidden) return
    const url = new URL(feed.dataset.live ?? '', location.href)
    if (place) url.searchParams.set('after', place)
    source = new EventSource(url)
    source.onopen = () => say('on')
    source.onerror = lost
    source.addEventListener('event', (message) => {
      place = message.lastEventId || place
      show(JSON.parse(message.data))
    })
    source.addEventListener('visitors', (message) => visitors(JSON.parse(message.data).visitors))
    source.addEventListener('gap', () => say('gap'))
  }

  function close(): void {
    clearTimeout(timer)
    source?.close()
    source = undefined
  }

  /** Browsers come again by themselves, but not where the answer was no stream. */
  function lost(): void {
    say('lost')
    if (source?.readyState !== EventSource.CLOSED) return
    close()
    timer = window.setTimeout(open, AGAIN_MS)
  }

  function show(row: Row): void {
    if (row.name === 'engagement') return
    list?.prepend(rowOf(row))
    while (list && list.childElementCount > MOST_ROWS) list.lastElementChild?.remove()
  }

  button.hidden = false
  button.addEventListener('click', () => {
    isPaused = !isPaused
    button.textContent = feed.dataset[isPaused ? 'resume' : 'pause'] ?? ''
    if (!isPaused) return open()
    close()
    say('paused')
  })
  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()))
  addEventListener('pagehide', close)
  addEventListener('pageshow', open)
  setInterval(() => void (isPaused || document.hidden || renewLists()), RENEW_MS)
  open()
}

/** An event as it stands in the list. */
function rowOf({ time, name, page, source, country }: Row): HTMLElement {
  const item = document.createElement('li')
  const moment = document.createElement('time')
  moment.dateTime = String(time)
  moment.textContent = clock.format(new Date(String(time)))
  item.append(moment)
  const kind = name === 'pageview' ? undefined : name
  for (const [what, text] of Object.entries({ kind, page, source, country })) {
    if (typeof text !== 'string') continue
    const part = document.createElement(what === 'kind' ? 'strong' : 'span')
    part.className = what
    part.textContent = text
    item.append(part)
  }
  return item
}

/** Tells how many are here. The number is of all, and is left as it is where filters are on. */
function visitors(count: number): void {
  const current = document.querySelector('[data-current]')
  if (!current || new URL(location.href).searchParams.has('f')) return
  current.textContent = (current.textContent ?? '').replace(
    /\p{Nd}+(?:[.,'’\s\u00a0\u202f]\p{Nd}+)*/u,
    new Intl.NumberFormat(document.documentElement.lang).format(count),
  )
}

/** Puts what the server shows by now in the place of what it showed. */
function renewLists(): void {
  const request = new XMLHttpRequest()
  request.responseType = 'document'
  request.open('GET', location.href)
  request.onload = () => {
    const fresh = request.responseXML?.querySelector('[data-fresh]')
    const shown = document.querySelector('[data-fresh]')
    if (fresh && shown && !shown.contains(document.activeElement))
      shown.replaceWith(document.adoptNode(fresh))
  }
  request.send()
}
