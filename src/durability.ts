/** How durable an acknowledged write is: fsynced, fsynced each second, or gone with the process. */
export type Durability = 'always' | 'everysec' | 'memory'
