/** What a visitor's browser sends with every request: without it a beacon of a public key is a bot's. */
export const browserHeaders: Readonly<Record<string, string>> = {
  'User-Agent':
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
  'Accept-Language': 'en-US,en;q=0.9',
}

/** A request as a visitor's browser sends it, unless it says otherwise. */
export function asBrowser(init: RequestInit = {}): RequestInit {
  const headers = new Headers(init.headers)
  for (const [name, value] of Object.entries(browserHeaders)) if (!headers.has(name)) headers.set(name, value)
  return { ...init, headers }
}
