/**
 * Headers that describe a body which is not sent after all, where an error is answered in its place. Security headers and the
 * handler's cookies stay.
 */
export const OF_THE_BODY = [
  'accept-ranges',
  'cache-control',
  'content-digest',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-md5',
  'content-range',
  'content-type',
  'digest',
  'etag',
  'expires',
  'last-modified',
  'location',
  'refresh',
  'repr-digest',
  'trailer',
  'transfer-encoding',
]
