import type { Layer } from '../context.ts'
import type { Asset } from '../lists.ts'
import type { Reply } from '../reply.ts'

export interface DescriptionOptions {
  readonly asset: Asset
}

/** The API's description for programs: OpenAPI. */
export function openapi({ asset }: DescriptionOptions): Layer {
  return async function openapi(): Promise<Reply> {
    return { status: 200, body: await asset('openapi.json'), headers: { 'Content-Type': 'application/json' } }
  }
}

/** The same for people. Nothing but the page's own style may take effect in it. */
export function docs({ asset }: DescriptionOptions): Layer {
  return async function docs(): Promise<Reply> {
    const body = await asset('api.html')
    const [, style = ''] = /<style>(.*?)<\/style>/s.exec(body) ?? []
    const headers = {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${await sha256(style)}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    }
    return { status: 200, body, headers }
  }
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return btoa(String.fromCharCode(...new Uint8Array(digest)))
}
