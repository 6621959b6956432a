import { expect } from 'vitest'
import type { SitePage } from './front.ts'

const TITLE = '<!doctype html><title>A page that is reported</title>'

/** A page of which a browser has something to report, and what it reports. */
export interface ReportedPage extends SitePage {
  readonly type: string
  /** Properties that the event must have. */
  readonly props: Readonly<Record<string, unknown>>
}

/** `collector`: where reports go; `other`: an origin whose images say nothing of who may show them. */
export function reportedPages(collector: string, other: string): Readonly<Record<string, ReportedPage>> {
  const endpoints = { 'Reporting-Endpoints': `default="${collector}", crash-reporting="${collector}"` }
  const groups = JSON.stringify({ group: 'nel', max_age: 3600, endpoints: [{ url: collector }] })
  const nel = JSON.stringify({ report_to: 'nel', max_age: 3600, failure_fraction: 1 })
  const image = `${TITLE}<img src="/x.gif?token=s3cret#s3cret">`
  const violation = {
    blockedURL: 'https://site.test/x.gif',
    effectiveDirective: 'img-src',
    disposition: 'enforce',
    statusCode: 200,
  }
  const script = (text: string): string => `${TITLE}<script>${text}</script>`
  return {
    'csp report-to': {
      html: image,
      headers: { ...endpoints, 'Content-Security-Policy': "img-src 'none'; report-to default" },
      type: 'csp-violation',
      props: violation,
    },
    'csp report-uri': {
      html: image,
      headers: { 'Content-Security-Policy': `img-src 'none'; report-uri ${collector}` },
      type: 'csp-violation',
      props: violation,
    },
    deprecation: {
      html: script('addEventListener("unload", () => {})'),
      headers: endpoints,
      type: 'deprecation',
      props: { id: 'UnloadHandler', lineNumber: 1 },
    },
    intervention: {
      html: script('navigator.vibrate(1)'),
      headers: endpoints,
      type: 'intervention',
      props: { id: 'NavigatorVibrate' },
    },
    'permissions-policy': {
      html: script('navigator.geolocation.getCurrentPosition(() => {})'),
      headers: { ...endpoints, 'Permissions-Policy': 'geolocation=()' },
      type: 'permissions-policy-violation',
      props: { policyId: 'geolocation', disposition: 'enforce' },
    },
    integrity: {
      html: `${TITLE}<script src="/x.js?token=s3cret"></script>`,
      headers: { ...endpoints, 'Integrity-Policy': 'blocked-destinations=(script), endpoints=(default)' },
      type: 'integrity-violation',
      props: { blockedURL: 'https://site.test/x.js', destination: 'script', reportOnly: false },
    },
    coep: {
      html: `${TITLE}<img src="${other}/x.gif?token=s3cret">`,
      headers: { ...endpoints, 'Cross-Origin-Embedder-Policy': 'require-corp; report-to="default"' },
      type: 'coep',
      props: { type: 'corp', blockedURL: 'https://other.test/x.gif', destination: 'image' },
    },
    coop: {
      html: TITLE,
      headers: { ...endpoints, 'Cross-Origin-Opener-Policy': 'same-origin; report-to="default"' },
      type: 'coop',
      props: { type: 'navigation-to-response', referrer: 'https://site.test/article' },
    },
    crash: {
      html: TITLE,
      headers: endpoints,
      type: 'crash',
      props: { is_top_level: true, visibility_state: 'visible' },
    },
    'csp-hash': {
      html: `${TITLE}<script src="/script.js?token=s3cret"></script>`,
      headers: {
        ...endpoints,
        'Content-Security-Policy': "script-src 'self' 'report-sha256'; report-to default",
      },
      type: 'csp-hash',
      props: { subresourceURL: 'https://site.test/script.js', hash: expect.stringMatching(/^sha256-.{44}$/) },
    },
    'network-error': {
      html: script('fetch("/missing?token=s3cret")'),
      headers: { NEL: nel, 'Report-To': groups },
      type: 'network-error',
      props: { type: 'http.error', status_code: 404, referrer: 'https://site.test/network-error' },
    },
  }
}
