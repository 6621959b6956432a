import { track } from './track.ts'

track((document.currentScript as HTMLScriptElement).dataset as never)
