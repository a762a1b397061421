export type { SessionSource } from './contract/source.ts'
export { type ConnectPgSimpleStoreOptions, connectPgSimpleStore } from './stores/foreign/connect-pg-simple.ts'
export { type ConnectRedisStoreOptions, connectRedisStore } from './stores/foreign/connect-redis.ts'
export { type DjangoFilesOptions, djangoFiles } from './stores/foreign/django.ts'
export { type PhpFilesOptions, phpFiles } from './stores/foreign/php.ts'
export type { PhpHandler } from './stores/foreign/php-text.ts'
export {
  type KrupteinLike,
  type SessionFileStoreOptions,
  sessionFileStore,
} from './stores/foreign/session-file-store.ts'
export type { SourceOptions } from './stores/foreign/source-options.ts'
export type { PostgresPool } from './stores/postgres/drivers/database-of.ts'
export type { RedisClient } from './stores/redis/clients/recognise.ts'
export type { ServerStoreEvent } from './stores/server/options.ts'
