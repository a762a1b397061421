export type { RedisClient } from './stores/redis/clients/recognise.ts'
export { type RedisStore, type RedisStoreOptions, redisStore } from './stores/redis/redis-store.ts'
export type { ServerStoreEvent } from './stores/server/options.ts'
