/** How the tracker is set: the script's `data-*` attributes. A switch is on with any value. */
export interface Options {
  /** The write key. */
  readonly key: string
  readonly collection: string
  /** Where the collector is, ending in a slash; the folder of the script unless said. */
  readonly url?: string
  /** What is cut out of addresses, as `/#`, so that what follows it is the path. */
  readonly hash?: string
  /** Counts on hosts without a name of the Internet, too: localhost, addresses, files. */
  readonly local?: string
  /** Counts browsers that a program drives, too. */
  readonly webdriver?: string
  /** Counts visitors who ask for privacy (GPC), too; the collection's own rule holds all the same. */
  readonly gpc?: string
}
