import com.amazonaws.services.dynamodbv2.AcquireLockOptions;
import com.amazonaws.services.dynamodbv2.AmazonDynamoDBLockClient;
import com.amazonaws.services.dynamodbv2.AmazonDynamoDBLockClientOptions;
import com.amazonaws.services.dynamodbv2.LockItem;
import com.amazonaws.services.dynamodbv2.SendHeartbeatOptions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.kms.KmsClient;

/**
 * The steps of rotate.sh under a lock of Amazon's DynamoDB Lock Client, with its default lease of 20 s and
 * heartbeat of 5 s. Right before it moves the alias it renews the lock, which fails if anybody else has taken it,
 * and then asks the library whether the lease is over by the local clock. The status is written on the condition
 * that nobody has written it since it was read.
 *
 * <p>usage: Rotate NAME [again]
 */
public final class Rotate {
  private static final String STATUS = "rotations";
  private static final String LOCKS = "locks";

  private final KmsClient kms = KmsClient.builder().httpClient(UrlConnectionHttpClient.create()).build();
  private final DynamoDbClient dynamodb =
      DynamoDbClient.builder().httpClient(UrlConnectionHttpClient.create()).build();
  private final String name;
  private final boolean again;

  private Rotate(String name, boolean again) {
    this.name = name;
    this.again = again;
  }

  public static void main(String[] args) throws Exception {
    int exit = new Rotate(args[0], args.length > 1).run();
    System.exit(exit);
  }

  private int run() throws Exception {
    if (!due(status())) {
      return 0;
    }
    AmazonDynamoDBLockClientOptions options =
        AmazonDynamoDBLockClientOptions.builder(dynamodb, LOCKS).withCreateHeartbeatBackgroundThread(true).build();
    try (AmazonDynamoDBLockClient locks = new AmazonDynamoDBLockClient(options)) { // close releases what it holds
      Optional<LockItem> lock =
          locks.tryAcquireLock(
              AcquireLockOptions.builder(name)
                  .withAdditionalTimeToWaitForLock(90L)
                  .withTimeUnit(TimeUnit.SECONDS)
                  .build());
      if (lock.isEmpty()) {
        System.err.println("another run has the lock");
        return 1;
      }
      Map<String, AttributeValue> status = status(); // another run may have done it since
      if (due(status)) {
        rotate(locks, lock.get(), status);
      }
      return 0;
    } catch (Exception e) {
      System.err.println(e);
      return 1;
    }
  }

  private Map<String, AttributeValue> status() {
    return dynamodb
        .getItem(q -> q.tableName(STATUS).consistentRead(true).key(Map.of("key", AttributeValue.fromS(name))))
        .item();
  }

  /** Reports whether the key was last rotated 90 days ago or more, or the person says so. */
  private boolean due(Map<String, AttributeValue> status) {
    if (again || !status.containsKey("rotated")) {
      return true;
    }
    long rotated = Long.parseLong(status.get("rotated").n());
    return Instant.now().getEpochSecond() - rotated >= 90 * 86_400;
  }

  private void rotate(AmazonDynamoDBLockClient locks, LockItem lock, Map<String, AttributeValue> status) {
    String alias = "alias/" + name;
    String previous = kms.describeKey(q -> q.keyId(alias)).keyMetadata().keyId();
    String made = kms.createKey(q -> q.description(name)).keyMetadata().keyId();

    ByteBuffer step = StandardCharsets.UTF_8.encode("moves the alias");
    locks.sendHeartbeat(SendHeartbeatOptions.builder(lock).withData(step).build()); // throws if the lock is lost
    if (lock.isExpired()) {
      throw new IllegalStateException("the lease is over");
    }
    kms.updateAlias(q -> q.aliasName(alias).targetKeyId(made));

    Map<String, AttributeValue> item = new HashMap<>();
    item.put("key", AttributeValue.fromS(name));
    item.put("rotated", AttributeValue.fromN(Long.toString(Instant.now().getEpochSecond())));
    item.put("previous", AttributeValue.fromS(previous));
    boolean first = !status.containsKey("rotated");
    dynamodb.putItem(
        q -> {
          q.tableName(STATUS).item(item);
          if (first) {
            q.conditionExpression("attribute_not_exists(rotated)");
          } else {
            q.conditionExpression("rotated = :r").expressionAttributeValues(Map.of(":r", status.get("rotated")));
          }
        });
  }
}
