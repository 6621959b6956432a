/** What a page hands to a way of sending: the same event as JSON and as pairs of text. */
export interface Parcel {
  /** The collector's URL, with the write key in its query. */
  readonly url: string
  readonly json: string
  readonly pairs: Readonly<Record<string, string>>
}

/** Runs in the browser, so it may use nothing from here. */
type Way = (parcel: Parcel) => unknown

/** How a page sends an event while it is there. */
export const ways: Readonly<Record<string, Way>> = {
  'sendBeacon of a string': ({ url, json }) => navigator.sendBeacon(url, json),
  'sendBeacon of a text Blob': ({ url, json }) =>
    navigator.sendBeacon(url, new Blob([json], { type: 'text/plain' })),
  'sendBeacon of a JSON Blob': ({ url, json }) =>
    navigator.sendBeacon(url, new Blob([json], { type: 'application/json' })),
  'sendBeacon of a Blob without type': ({ url, json }) => navigator.sendBeacon(url, new Blob([json])),
  'sendBeacon of an ArrayBuffer': ({ url, json }) =>
    navigator.sendBeacon(url, new TextEncoder().encode(json).buffer),
  'sendBeacon of a view': ({ url, json }) => navigator.sendBeacon(url, new TextEncoder().encode(json)),
  'sendBeacon of FormData': ({ url, pairs }) => {
    const form = new FormData()
    for (const [name, value] of Object.entries(pairs)) form.append(name, value)
    return navigator.sendBeacon(url, form)
  },
  'sendBeacon of URLSearchParams': ({ url, pairs }) => navigator.sendBeacon(url, new URLSearchParams(pairs)),
  'sendBeacon of nothing': ({ url, pairs }) => navigator.sendBeacon(`${url}&${new URLSearchParams(pairs)}`),
  'fetch keepalive': ({ url, json }) =>
    fetch(url, { method: 'POST', keepalive: true, body: json }).then(({ status }) => status === 201),
  'fetch keepalive of JSON': ({ url, json }) => {
    const headers = { 'Content-Type': 'application/json' }
    return fetch(url, { method: 'POST', keepalive: true, headers, body: json }).then(
      ({ status }) => status === 201,
    )
  },
  'fetch keepalive without cors': ({ url, json }) =>
    fetch(url, { method: 'POST', keepalive: true, mode: 'no-cors', body: json }).then(() => true),
  'fetch keepalive of JSON without cors': ({ url, json }) => {
    const headers = { 'Content-Type': 'application/json' }
    return fetch(url, { method: 'POST', keepalive: true, mode: 'no-cors', headers, body: json }).then(
      () => true,
    )
  },
  'fetch with credentials': ({ url, json }) =>
    fetch(url, { method: 'POST', credentials: 'include', body: json }).then(({ status }) => status === 201),
  'fetch of gzip': async ({ url, json }) => {
    const stream = new Blob([json]).stream().pipeThrough(new CompressionStream('gzip'))
    const body = await new Response(stream).arrayBuffer()
    const headers = { 'Content-Encoding': 'gzip' }
    return (await fetch(url, { method: 'POST', headers, body })).status === 201
  },
  'fetch of a line': async ({ url, json }) => {
    const headers = { 'Content-Type': 'application/x-ndjson' }
    const response = await fetch(url, { method: 'POST', headers, body: `${json}\n` })
    return ((await response.json()) as { accepted: number }).accepted === 1
  },
  'a synchronous XMLHttpRequest': ({ url, json }) => {
    const request = new XMLHttpRequest()
    request.open('POST', url, false)
    request.send(json)
    return request.status === 201
  },
  'a form': ({ url, pairs }) => {
    const sink = Object.assign(document.createElement('iframe'), { name: 'sink' })
    const form = document.createElement('form')
    Object.assign(form, { action: url, method: 'post', target: sink.name })
    for (const [name, value] of Object.entries(pairs)) {
      form.append(Object.assign(document.createElement('input'), { name, value }))
    }
    document.body.append(sink, form)
    form.submit()
    return true
  },
  'a form in parts': ({ url, pairs }) => {
    const sink = Object.assign(document.createElement('iframe'), { name: 'sink-of-parts' })
    const form = document.createElement('form')
    Object.assign(form, { action: url, method: 'post', target: sink.name, enctype: 'multipart/form-data' })
    for (const [name, value] of Object.entries(pairs)) {
      form.append(Object.assign(document.createElement('input'), { name, value }))
    }
    document.body.append(sink, form)
    form.submit()
    return true
  },
  'an image': ({ url, pairs }) =>
    new Promise((resolve) => {
      const image = new Image()
      image.onload = () => resolve(image.width === 1)
      image.onerror = () => resolve(false)
      image.src = `${url}&${new URLSearchParams(pairs)}`
    }),
  'a background of CSS': ({ url, pairs }) => {
    const element = document.createElement('p')
    element.textContent = 'a'
    element.style.backgroundImage = `url("${url}&${new URLSearchParams(pairs)}")`
    document.body.append(element)
    return true
  },
  'an image where scripts may not run': ({ url, pairs }) => {
    const frame = document.createElement('iframe')
    frame.setAttribute('sandbox', '')
    const src = `${url}&${new URLSearchParams(pairs)}`.replaceAll('&', '&amp;')
    frame.srcdoc = `<noscript><img src="${src}"></noscript>`
    document.body.append(frame)
    return true
  },
}

/** How a page sends an event as it is left: what is done before, to be sent then. */
export const partingWays: Readonly<Record<string, Way>> = {
  'sendBeacon in pagehide': ({ url, json }) => {
    addEventListener('pagehide', () => navigator.sendBeacon(url, json))
    return true
  },
  'sendBeacon when hidden': ({ url, json }) => {
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden') navigator.sendBeacon(url, json)
    })
    return true
  },
  'fetch in pagehide': async ({ url, json }) => {
    // There must be a connection already: the time to make one is not given.
    await fetch(new URL('/health/live', url), { mode: 'no-cors' })
    addEventListener('pagehide', () => void fetch(url, { method: 'POST', body: json }).catch(() => {}))
    return true
  },
  'fetch keepalive in pagehide': ({ url, json }) => {
    const init = { method: 'POST', body: json, keepalive: true }
    addEventListener('pagehide', () => void fetch(url, init).catch(() => {}))
    return true
  },
  'fetch keepalive of JSON in pagehide': ({ url, json }) => {
    const headers = { 'Content-Type': 'application/json' }
    const init = { method: 'POST', body: json, keepalive: true, headers }
    addEventListener('pagehide', () => void fetch(url, init).catch(() => {}))
    return true
  },
  'an image in pagehide': ({ url, pairs }) => {
    addEventListener('pagehide', () => {
      new Image().src = `${url}&${new URLSearchParams(pairs)}`
    })
    return true
  },
}

/** What Chromium has besides. */
export const chromiumPartingWays: Readonly<Record<string, Way>> = {
  fetchLater: ({ url, json }) => {
    const { fetchLater } = globalThis as unknown as { fetchLater: typeof fetch }
    return fetchLater(url, { method: 'POST', body: json }) !== undefined
  },
  'fetchLater of JSON': ({ url, json }) => {
    const { fetchLater } = globalThis as unknown as { fetchLater: typeof fetch }
    const headers = { 'Content-Type': 'application/json' }
    return fetchLater(url, { method: 'POST', body: json, headers }) !== undefined
  },
}

/** A way as text, for a page's script. */
export function textOf(way: Way, parcel: Parcel): string {
  return `(${way.toString()})(${JSON.stringify(parcel)})`
}
