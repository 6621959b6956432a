import { track } from './track.ts'

track(document, location, navigator, (document.currentScript as HTMLScriptElement).dataset as never)
