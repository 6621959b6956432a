import { type MetricWithAttribution, onCLS, onFCP, onINP, onLCP, onTTFB } from 'web-vitals/attribution'

/** Of a metric: the element, script or phase that made it so. Selectors and addresses lose what may be private. */
type Attribution = Readonly<Record<string, unknown>>

const targets = ['target', 'interactionTarget', 'largestShiftTarget'] as const

/** The page that was loaded: navigations inside it do not change whose metrics these are. */
const page = location.href.replace(/[?#].*/, '')

function report({ name, value, rating, attribution }: MetricWithAttribution): void {
  const parts = attribution as unknown as Attribution
  const target = targets.map((key) => parts[key]).find((one) => typeof one === 'string') as string | undefined
  window.skerry?.(
    'web-vital',
    {
      [name.toLowerCase()]: Math.round(value * 1000) / 1000,
      rating,
      ...(target && { target: target.slice(0, 200) }),
    },
    undefined,
    { page, interactive: false },
  )
}

// Browsers have kept what was measured before.
const idle = window.requestIdleCallback ?? setTimeout
idle(() => {
  for (const on of [onCLS, onFCP, onINP, onLCP, onTTFB]) on(report)
})
