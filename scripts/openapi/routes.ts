import { plausible, umami } from './dialect-routes.ts'
import { asking, collecting } from './event-routes.ts'
import { refused } from './refused-routes.ts'
import type { Route } from './route.ts'
import { managing, watching } from './service-routes.ts'
import { trackers } from './tracker-routes.ts'

/** Every method of every path; a test compares it with the app. */
export const routes: readonly Route[] = [
  ...collecting,
  ...asking,
  ...refused,
  ...managing,
  ...watching,
  ...trackers,
  ...plausible,
  ...umami,
]
