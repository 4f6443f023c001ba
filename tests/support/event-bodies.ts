// Bodies of events as stores and clouds send them, shaped after their documentation; tests give the bucket and the key.

export const minioBody = (bucket: string, escapedKey: string, name = 's3:ObjectCreated:Put') => ({
  EventName: name,
  Key: `${bucket}/${decodeURIComponent(escapedKey.replaceAll('+', ' '))}`,
  Records: [
    {
      eventVersion: '2.0',
      eventSource: 'minio:s3',
      awsRegion: '',
      eventTime: '2026-11-22T09:27:27.102Z',
      eventName: name,
      userIdentity: { principalId: 'minio' },
      requestParameters: { principalId: 'minio', region: '', sourceIPAddress: '172.16.118.255' },
      responseElements: { 'x-amz-request-id': '15CFEDF8D4736ED9', 'x-minio-origin-endpoint': 'http://172.17.0.2:9000' },
      s3: {
        s3SchemaVersion: '1.0',
        configurationId: 'Config',
        bucket: { name: bucket, ownerIdentity: { principalId: 'minio' }, arn: `arn:aws:s3:::${bucket}` },
        object: {
          key: escapedKey,
          size: 224_662,
          eTag: '5fc7298143efe1276d39a3466d4e255f',
          contentType: 'image/jpeg',
          userMetadata: { 'content-type': 'image/jpeg' },
          sequencer: '15CFEDF8D5304D1A',
        },
      },
      source: { host: '172.16.118.255', port: '', userAgent: 'MinIO' },
    },
  ],
})

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
export const s3Record = (bucket: string, escapedKey: string, name = 'ObjectCreated:Put') => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  awsRegion: 'eu-central-1',
  eventTime: '2026-11-22T13:47:35.124Z',
  eventName: name,
  userIdentity: { principalId: 'AIDAJDPLRKLG7UEXAMPLE' },
  requestParameters: { sourceIPAddress: '127.0.0.1' },
  responseElements: { 'x-amz-request-id': 'C3D13FE58DE4C810', 'x-amz-id-2': 'FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG' },
  s3: {
    s3SchemaVersion: '1.0',
    configurationId: 'fado',
    bucket: { name: bucket, ownerIdentity: { principalId: 'A3NL1KOZZKExample' }, arn: `arn:aws:s3:::${bucket}` },
    object: {
      key: escapedKey,
      size: 1024,
      eTag: 'd41d8cd98f00b204e9800998ecf8427e',
      versionId: '096fKKXTRTtl3on89fVO.nfljtsv6qko',
      sequencer: '0055AED6DCD90281E5',
    },
  },
})

/** https://docs.ceph.com/en/latest/radosgw/notifications/#events */
export const cephRecord = (bucket: string, key: string, name = 'ObjectCreated:Put') => ({
  eventVersion: '2.1',
  eventSource: 'ceph:s3',
  awsRegion: 'default',
  eventTime: '2026-11-22T13:47:35.124724Z',
  eventName: name,
  userIdentity: { principalId: 'tester' },
  requestParameters: { sourceIPAddress: '' },
  responseElements: {
    'x-amz-request-id': '503a4c37-85eb-47cd-8681-2817e80b4281.5330.903595',
    'x-amz-id-2': '14d2-zone1-zonegroup1',
  },
  s3: {
    s3SchemaVersion: '1.0',
    configurationId: 'fado',
    bucket: {
      name: bucket,
      ownerIdentity: { principalId: 'tester' },
      arn: `arn:aws:s3:default::${bucket}`,
      id: '503a4c37-85eb-47cd-8681-2817e80b4281.5332.38',
    },
    object: {
      key,
      size: '1024',
      eTag: '37b51d194a7513e45b56f6524f2d51f2',
      versionId: '',
      sequencer: 'F7E6D75DC742D108',
      metadata: [],
      tags: [],
    },
  },
  eventId: '',
  opaqueData: 'me@example.com',
})

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
export const eventBridge = (bucket: string, key: string, type = 'Object Created') => ({
  version: '0',
  id: '17793124-05d4-b198-2fde-7ededc63b103',
  'detail-type': type,
  source: 'aws.s3',
  account: '111122223333',
  time: '2026-11-12T00:00:00Z',
  region: 'ca-central-1',
  resources: [`arn:aws:s3:::${bucket}`],
  detail: {
    version: '0',
    bucket: { name: bucket },
    object: {
      key,
      ...(type === 'Object Created' ? { size: 5 } : {}),
      etag: 'b1946ac92492d2347c6235b4d2611184',
      sequencer: '617f08299329d189',
    },
    'request-id': 'N4N7GDK58NMKJ12R',
    requester: '123456789012',
    'source-ip-address': '1.2.3.4',
    reason: 'PutObject',
  },
})

export const s3Test = (bucket: string) => ({
  Service: 'Amazon S3',
  Event: 's3:TestEvent',
  Time: '2026-10-13T15:57:02.089Z',
  Bucket: bucket,
  RequestId: '5582815E1AEA5ADF',
  HostId: '8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE',
})
