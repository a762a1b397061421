export { type MoveOptions, type MoveProgress, moveSessions } from './moving.ts'
export { type CopyOptions, type CopyProgress, copySessions } from './tools/copy/copy.ts'
export {
  type Difference,
  type Verified,
  type VerifyOptions,
  type VerifyProgress,
  verifySessions,
} from './tools/copy/verify.ts'
