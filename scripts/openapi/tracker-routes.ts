import { json, ok, type Route } from './route.ts'
import { count, object, string } from './schema.ts'

/** Answers of which the product's clients look at the status only. */
const image = { 200: { text: 'An image of one dot.', content: { 'image/gif': { type: 'string' } } } }
const accepted = { 202: { text: 'Taken, or turned away by a policy.', content: { 'text/plain': string } } }
const anything = { type: 'object' }

const site = 'The site is the name or an alias of a collection; no key.'

type Described = Omit<Route, 'tag' | 'keys'>

const described: readonly Described[] = [
  {
    ...{ id: 'plausibleEvent', path: '/api/event', method: 'post' },
    summary: `Plausible's events. ${site}`,
    body: { ...json(anything), 'text/plain': string },
    answers: accepted,
  },
  {
    ...{ id: 'umamiSend', path: '/api/send', method: 'post' },
    summary: `Umami's events. ${site}`,
    body: json(anything),
    answers: ok('Taken, or turned away by a policy.', anything),
  },
  {
    ...{ id: 'umamiBatch', path: '/api/batch', method: 'post' },
    summary: `Umami's events in an array. ${site}`,
    body: json({ type: 'array', items: anything }),
    answers: ok('How many were taken.', anything),
  },
  {
    ...{ id: 'goatcounter', path: '/count', method: 'get' },
    summary: 'GoatCounter: a page view by an image. The site is that of Host, Origin or Referer; no key.',
    answers: image,
  },
  {
    ...{ id: 'goatcounterPost', path: '/count', method: 'post' },
    summary: 'The same, as beacons are sent.',
    answers: image,
  },
  {
    ...{ id: 'goatcounterApi', path: '/api/v0/count', method: 'post' },
    summary: "GoatCounter's events of servers. A server or admin key.",
    body: json(anything),
    answers: { 202: { text: 'Taken.', content: json(object({ status: string })) } },
  },
  {
    ...{ id: 'counterscaleCache', path: '/cache', method: 'get' },
    summary: 'Counterscale: how often the browser has asked today.',
    answers: ok('The number.', object({ ht: count })),
  },
  {
    ...{ id: 'counterscale', path: '/collect', method: 'get' },
    summary: `Counterscale's page views. ${site}`,
    answers: image,
  },
  ...(['matomo', 'piwik'] as const).flatMap((name): Described[] => [
    {
      ...{ id: name, path: `/${name}.php`, method: 'get' },
      summary: `Matomo's events by an image. ${site}`,
      answers: { ...image, 204: { text: 'Where no image is wanted.' } },
    },
    {
      ...{ id: `${name}Post`, path: `/${name}.php`, method: 'post' },
      summary: "Matomo's events, one or many.",
      body: { ...json(anything), 'application/x-www-form-urlencoded': anything },
      answers: {
        200: { text: 'Taken.', content: { ...json(anything), ...image[200].content } },
        204: { text: 'Where no image is wanted.' },
      },
    },
  ]),
]

/** What the trackers of other products send. Errors have the product's own words. */
export const trackers: readonly Route[] = described.map((route) => ({
  ...route,
  tag: 'Trackers',
  keys: route.id === 'goatcounterApi' ? ['server', 'admin'] : [],
}))
