import type { html } from 'hono/html'
import type { Annotation } from '../annotation.ts'
import type { Collection } from '../collection.ts'
import type { SavedView } from '../saved-view.ts'
import type { Figures } from './figures.ts'
import type { Period } from './period.ts'
import type { RowFilter } from './row-filter.ts'
import type { View } from './view.ts'
import type { Words } from './words.ts'

/** A piece of a page, escaped. */
export type Markup = ReturnType<typeof html>

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

/** How somebody likes pages to look. */
export interface Look {
  /** Of the texts. */
  readonly language: string
  /** Of numbers and dates: the language as it is written where the browser is at home. */
  readonly locale: string
  /** Whether single keys do something. */
  readonly hasKeys: boolean
  readonly theme: Theme
}

/** What a page needs, whatever it shows. */
export interface Scene {
  readonly look: Look
  readonly words: Words
  readonly figures: Figures
  /** Addresses of the files that go with pages. */
  readonly files: Readonly<Record<'style' | 'script' | 'icon' | 'world', string>>
  /** Where the browser is, to come back to. */
  readonly here: string
  /** May change things. */
  readonly isAdmin: boolean
  readonly isSignedIn: boolean
  /** Names of the collections that may be looked at. */
  readonly sites: readonly string[]
  /** Came by a link, which is this in addresses, and sees what these filters leave. */
  readonly guest?: { readonly link: string; readonly filters: readonly RowFilter[] } | undefined
  /** What has just been done, to be told once. */
  readonly news: News | undefined
}

/** Something that was done, and of what, or how many. */
export interface News {
  readonly done: string
  readonly what: string
}

/** A page of one collection. */
export interface ReportScene extends Scene {
  readonly view: View
  readonly collection: Collection
  readonly period: Period
  /** The view's filters as a query has them. */
  readonly filters: readonly unknown[]
  /** Where visits came in and went out is nothing for this guest: his link shows part of their events. */
  readonly hidesDoors: boolean
  /** Names of properties that events have. */
  readonly properties: readonly string[]
  readonly annotations: readonly Annotation[]
  /** Undefined: nobody here may save views. */
  readonly savedViews?: readonly SavedView[]
}
